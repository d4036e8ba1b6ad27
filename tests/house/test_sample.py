"""The product held against a list of mistakes that others planted: all are found, and nothing sound is accused."""

import pytest

from posture.runtime.sample.mistakes import EXPECTED
from scanners.checks.registry import checks
from scanners.model import Outcome


@pytest.fixture(scope="session")
def outcomes(seen, before):
    """(check, name) → outcomes; a resource answers to its name, and to what of it was judged."""
    names = {resource.ref: resource.name for gathered in seen.values() for resource in gathered.resources}
    found = {}
    for (check, ref, subject), verdict in before.items():
        for name in {names[ref], subject, f"{names[ref]} {subject}", names[ref].rpartition("/")[2]}:
            found.setdefault((check, name), set()).add(verdict.outcome)
    return found


@pytest.mark.parametrize("check", sorted(EXPECTED.keys() & checks().keys()))
def test_planted_mistakes_are_found_and_sound_things_are_not_accused(check, outcomes):
    missed = {name for name in EXPECTED[check].fails if Outcome.FAIL not in outcomes.get((check, name), set())}
    accused = {name for name in EXPECTED[check].passes if Outcome.FAIL in outcomes.get((check, name), set())}

    assert (missed, accused) == (set(), set())


def test_the_list_speaks_of_checks_that_exist():
    assert len(EXPECTED.keys() & checks().keys()) > 40
