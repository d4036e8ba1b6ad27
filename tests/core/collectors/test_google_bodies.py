"""Whatever Google's schemas allow is taken: fields left out, values of enums that are newer than we are."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posture.runtime.sample.gcp import spec
from posture.runtime.sample.gcp.bodies import BODIES
from posture.runtime.sample.gcp.trim import calls
from scanners.collectors.cloud import ParseError
from scanners.collectors.door import Door
from scanners.collectors.gcp.routes import routes
from scanners.collectors.registry import collectors
from scanners.model import Place, Provider
from scanners.model.canonical import clean

DOOR, HERE = Door(b"bodies"), Place("shop", "global", "gcp")
LOCATED = "projects/shop/locations/europe-west1/things/it"
NAMES = {  # what no answer goes without: the fields that say which resource it is
    "Service": {"metadata": {"name": "it", "namespace": "42"}},
    "ServiceAccount": {"name": "projects/shop/serviceAccounts/it", "email": "it@shop", "uniqueId": "1"},
    "Dataset": {"datasetReference": {"projectId": "shop", "datasetId": "it"}},
    **{
        schema: {"name": "it", "selfLink": "https://x/compute/v1/projects/shop/global/things/it"}
        for api, schema in BODIES.values()
        if api == "compute.v1"
    },
    "V2Key": {"name": LOCATED, "uid": "1"},
    "Bucket": {"name": "it"},
}
LONGEST = 3  # of lists and maps
DEEPEST = 5


def values(told, api, depth=0):
    """Bodies that a schema allows, small ones."""
    if "$ref" in told:
        told = spec.schema(api, told["$ref"])
    kind = told.get("type", "any")
    if kind == "object":
        return _objects(told, api, depth)
    if kind == "array":
        few = 0 if depth >= DEEPEST else LONGEST
        return st.lists(values(told["items"], api, depth + 1), max_size=few)
    if kind == "string":
        return st.sampled_from([*told["enum"], "NEWER_THAN_WE_ARE"]) if told.get("enum") else st.text(max_size=8)
    return {"boolean": st.booleans(), "integer": st.integers(0, 9), "number": st.floats(0, 9)}.get(kind, st.none())


def _objects(told, api, depth):
    if depth >= DEEPEST:
        return st.just({})
    known = {key: values(inner, api, depth + 1) for key, inner in told.get("properties", {}).items()}
    if known:
        return st.fixed_dictionaries({}, optional=known)
    more = told.get("additionalProperties", {"type": "string"})
    return st.dictionaries(st.text(max_size=6), values(more, api, depth + 1), max_size=LONGEST)


def merged(body, names):
    return {**body, **{key: merged(body.get(key, {}), v) if isinstance(v, dict) else v for key, v in names.items()}}


TABLES = [c for c in collectors(Provider.GCP) if c.kind in BODIES]


@pytest.mark.parametrize("collector", TABLES, ids=lambda c: c.kind)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_any_body_of_the_schema_is_taken_on_both_roads(collector, draw):
    api, schema = BODIES[collector.kind]
    drawn = draw.draw(values({"$ref": schema}, api))
    body = merged(drawn, NAMES.get(schema, {"name": LOCATED}))
    asset = {"name": "//x/it", "assetType": collector.kind, "resource": {"data": body}}

    roads = ((collector, asset), (collector.otherwise, body)) if collector.otherwise else ((collector, body),)
    for road, item in roads:
        identity = road.identify(HERE, item)
        kept = clean(road.shape(item, DOOR))
        assert identity.ref.startswith("//")
        assert identity.name
        assert isinstance(kept, dict)


DETAILS = [
    (c.kind, detail)
    for collector in collectors(Provider.GCP)
    for c in (collector, collector.otherwise)
    if c
    for detail in c.details
]


@pytest.mark.parametrize(("kind", "detail"), DETAILS, ids=[f"{k}-{d.call.name}" for k, d in DETAILS])
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_any_answer_of_the_schema_is_taken(kind, detail, draw):
    method = spec.methods()[routes()[detail.call.name].method]
    told = {"$ref": method.response}
    if detail.call.items:
        told = spec.schema(method.api, method.response)["properties"][detail.call.items]
    answer = draw.draw(values(told, method.api))

    with suppress(ParseError):  # a gap
        clean(detail.shape(answer, DOOR))


def test_every_call_has_its_schema():
    for name, call in calls().items():
        assert spec.schema(spec.methods()[routes()[name].method].api, spec.methods()[routes()[name].method].response), (
            call
        )
