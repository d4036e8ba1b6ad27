"""The workload of Google's access engine: seeded, so that two runs decide the same."""

import random

from posture.management.benchmarks.google_access import project, run
from scanners.access.gcp.engine import GoogleEngine


def answers(seed):
    engine = GoogleEngine(project(random.Random(seed), 5, 40))  # noqa: S311  (a repeatable workload)
    target = engine.target("//storage.googleapis.com/bucket-1")
    asked = sorted(engine.deciding.roles.universe)[::40]
    return [engine.decide(who, one, target).answer for who in engine.principals() for one in asked]


def test_figures_are_measured():
    told = run(principals=5, permissions=10, bindings=40, rounds=1)

    assert told["decisions"] == 50
    assert told["decisions/s, warm"] > 0


def test_the_same_seed_decides_the_same():
    assert answers(3) == answers(3)
    assert len(set(answers(3))) > 1
