"""Every rule: the ways in that are there are found by name, and the ways that just are not are not."""

from __future__ import annotations

from itertools import islice

import pytest

from scanners.catalog.escalation import by_id
from scanners.graph.questions import answers
from tests.core.graph import corpus

RULES = tuple(by_id())


def asked(cases):
    cases = list(cases)
    return list(zip(cases, answers(case.line() for case in cases), strict=True))


@pytest.mark.parametrize("rule", RULES)
def test_a_way_in_is_found_under_its_name(rule):
    found = asked(corpus.positives(by_id()[rule]))

    missed = [case.name for case, answer in found if not answer["escalates"] or rule not in answer["paths"]]

    assert not missed


@pytest.mark.parametrize("rule", RULES)
def test_a_way_in_is_found_however_the_policies_are_written(rule):
    found = asked(corpus.variants(by_id()[rule]))

    assert not [case.name for case, answer in found if not answer["escalates"]]


@pytest.mark.parametrize("rule", RULES)
def test_what_lacks_one_thing_is_no_way_in(rule):
    found = asked(islice(corpus.near_misses(by_id()[rule]), 0, None, 2))  # all of them are measured by `bench graph`

    assert found
    assert not [(case.name, answer["paths"]) for case, answer in found if answer["escalates"]]


def test_every_step_rests_on_a_statement():
    cases = [next(corpus.positives(by_id()[rule])) for rule in RULES]

    steps = [step for _, answer in asked(cases) for step in answer["steps"]]

    assert len(steps) >= len(cases)
    assert not [step for step in steps if not step["because"]]
