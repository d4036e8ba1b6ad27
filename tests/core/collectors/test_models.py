"""botocore's models, without what nobody asks."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from scanners.collectors.aws import models
from scanners.collectors.registry import collectors


@pytest.mark.parametrize("service", sorted(models.operations()))
def test_what_is_kept_of_a_model_is_all_that_our_calls_speak_of(service):
    whole = get_session().get_service_model(service)

    ours = unused().get_service_model(service)

    for name in ours.operation_names:
        mine, theirs = ours.operation_model(name), whole.operation_model(name)
        for part in ("input_shape", "output_shape"):
            assert told(getattr(mine, part), set()) == told(getattr(theirs, part), set())
        assert [shape.name for shape in mine.error_shapes] == [shape.name for shape in theirs.error_shapes]
        assert (mine.http, mine.metadata) == (theirs.http, theirs.metadata)


def test_every_declared_call_is_kept():
    for call in (call for collector in collectors() for call in collector.every_call()):
        assert models.session().get_service_model(call.service).operation_model(call.operation)


def unused():
    """A session whose models no client has bent yet, as those of S3 are."""
    made = get_session()
    made.register_component("data_loader", models._loader.__wrapped__(None))
    return made


def told(shape, seen):
    """A shape and all below it, each of them once."""
    if shape is None or shape.name in seen:
        return shape and shape.name
    seen.add(shape.name)
    members = getattr(shape, "members", {}) if shape.type_name == "structure" else {}
    parts = [getattr(shape, part) for part in ("member", "key", "value") if hasattr(shape, part)]
    return (
        shape.name,
        shape.type_name,
        shape.serialization,
        shape.metadata,
        {name: told(member, seen) for name, member in members.items()},
        [told(part, seen) for part in parts],
    )
