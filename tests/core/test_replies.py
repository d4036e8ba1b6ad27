"""Recorded evidence, read and judged without a cloud: what was recorded stays readable, and means what it meant."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from posture.runtime.sample import mistakes as aws
from posture.runtime.sample.azure import mistakes as azure
from posture.runtime.sample.gcp import mistakes as gcp
from scanners import scan
from scanners.checks.registry import checks
from scanners.collectors.evidence_reader import Reader
from scanners.model import Outcome, Provider
from scanners.model.estate import Estate
from tests.core.cases import NOW

REPLIES = Path(__file__).parents[1] / "replies"
EXPECTED = {Provider.AWS: aws.EXPECTED, Provider.GCP: gcp.EXPECTED, Provider.AZURE: azure.EXPECTED}
PLANTED = [(cloud, check) for cloud, found in EXPECTED.items() for check in sorted(found.keys() & checks().keys())]


@cache
def recorded(cloud):
    """(account, units) of an archive, to its seal."""
    with (REPLIES / f"{cloud}.jsonl.zst").open("rb") as file:
        reader = Reader(file)
        units = [unit for unit, _ in reader.units()]
        assert reader.seal
    return reader.header.account, units


@cache
def outcomes(cloud):
    """(check, name) → outcomes; a resource answers to its name, and to what of it was judged."""
    account, units = recorded(cloud)
    of_kind, names = {}, {}
    for resource in (resource for unit in units for resource in unit.resources):
        of_kind.setdefault(resource.kind, []).append(resource)
        names[resource.ref] = resource.name
    family = frozenset(one.ref.rpartition("/")[2] for one in of_kind.get("AWS::Organizations::Account", ()))
    estate = Estate(account, NOW, lambda kind: of_kind.get(kind, []), {}, family)
    found = {}
    for resource, check, verdict in scan.decide(estate, provider=cloud):
        name, part = names[resource.ref], verdict.subject
        for word in {name, part, f"{name} {part}", name.rpartition("/")[2]}:
            found.setdefault((check.id, word), set()).add(verdict.outcome)
    return found


@pytest.mark.parametrize("cloud", EXPECTED)
def test_a_recorded_account_is_read_to_its_end_without_a_gap(cloud):
    _, units = recorded(cloud)

    assert [unit.gaps for unit in units if unit.gaps] == []
    assert sum(len(unit.resources) for unit in units) > 50


@pytest.mark.parametrize(("cloud", "check"), PLANTED)
def test_what_was_planted_is_found_in_the_record_and_nothing_sound_is_accused(cloud, check):
    told, expected = outcomes(cloud), EXPECTED[cloud][check]

    missed = {name for name in expected.fails if Outcome.FAIL not in told.get((check, name), set())}
    accused = {name for name in expected.passes if Outcome.FAIL in told.get((check, name), set())}

    assert (missed, accused) == (set(), set())


def test_what_no_further_check_looks_at_is_let_go_of():
    account, units = recorded(Provider.AWS)
    of_kind, held = {}, set()
    for resource in (resource for unit in units for resource in unit.resources):
        of_kind.setdefault(resource.kind, []).append(resource)
    estate = Estate(account, NOW, lambda kind: of_kind.get(kind, []))

    for _ in scan.decide(estate):
        held.add(frozenset(estate.held))

    assert max(map(len, held)) > 10
    assert not {"AWS::Logs::LogGroup", "AWS::Lambda::Function"} & {*estate.held}
