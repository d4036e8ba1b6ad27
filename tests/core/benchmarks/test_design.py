"""The account of the benchmark, before it is built."""

from __future__ import annotations

from collections import Counter

import pytest

from posture.management.benchmarks.scan.build import BUILDERS
from posture.management.benchmarks.scan.design import REGIONS, SORTS, design, flaws
from scanners.checks.registry import checks


def test_the_same_seed_designs_the_same_account():
    assert design(3, seed=7) == design(3, seed=7)


def test_another_seed_plants_the_same_number_of_flaws_elsewhere():
    one, other = ([item.flaw for item in design(10, seed=seed)] for seed in (7, 8))

    assert one != other
    assert Counter(one) == Counter(other)


def test_every_class_of_flaws_is_planted_and_something_sound_stands_beside_it():
    planted = design(10, seed=7)

    assert {item.flaw for item in planted} - {""} == set(flaws())
    assert all(any(item.kind == kind and not item.flaw for item in planted) for kind, _ in flaws().values())


def test_sixty_thirty_and_ten_percent_stand_in_the_three_regions():
    everywhere = {sort.kind for sort in SORTS if sort.everywhere}
    where = Counter(item.region for item in design(50, seed=7) if item.kind in everywhere)

    shares = [where[region] / where.total() for region in REGIONS]

    assert shares == pytest.approx([0.6, 0.3, 0.1], abs=0.02)


def test_every_kind_can_be_built_and_every_flaw_has_a_check_of_ours():
    assert {sort.kind for sort in SORTS} == BUILDERS.keys()
    assert {flaw.check for _, flaw in flaws().values()} <= checks().keys()
