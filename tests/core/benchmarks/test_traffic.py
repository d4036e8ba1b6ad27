"""What the proxy counts, and how long it lets a call wait."""

from __future__ import annotations

import pytest

from posture.management.benchmarks.scan.traffic import JITTER, Asked, Journal, Known, latency


def known(operation: str = "GetPolicy", params: str = "a", code: int = 200) -> Known:
    return Known("lambda", operation, "eu-west-1", params, code, b"", b"")


@pytest.mark.parametrize("params", ["a", "b", "c", "d", "e"])
def test_latency_stays_around_the_given_one(params):
    waits = [latency(50, 7, known(params=params), nth) for nth in range(50)]

    assert min(waits) >= 0.05 * (1 - JITTER)
    assert max(waits) <= 0.05 * (1 + JITTER)
    assert len(set(waits)) > 40


def test_latency_is_the_same_in_every_run_and_another_with_another_seed():
    assert latency(50, 7, known(), 3) == latency(50, 7, known(), 3)
    assert latency(50, 7, known(), 3) != latency(50, 8, known(), 3)


def test_no_latency_is_none():
    assert latency(0, 7, known(), 0) == 0


def test_an_identical_read_that_was_answered_twice_is_a_repeat():
    journal = Journal()
    for call in (known(), known(), known(), known(params="b")):
        journal.note(call, throttled=False, at=1.0, waited=0.5)

    report = journal.report()

    assert (report["calls"], report["distinct"], report["repeated"]) == (4, 2, 2)
    assert report["repeated calls"] == {"lambda.GetPolicy": 2}


def test_asking_again_after_a_throttled_answer_is_no_repeat():
    journal = Journal()
    journal.note(known(), throttled=True, at=1.0, waited=0.1)
    journal.note(known(), throttled=False, at=2.0, waited=0.1)

    report = journal.report()

    assert (report["calls"], report["throttled"], report["repeated"]) == (2, 1, 0)


def test_calls_under_way_are_averaged_over_the_run():
    journal = Journal()
    for at in (10.0, 10.0, 11.0, 11.0):
        journal.note(known(), throttled=False, at=at, waited=1.0)

    assert (journal.report()["seconds"], journal.report()["mean in flight"]) == (2.0, 2.0)


def test_a_question_about_another_region_names_that_region_wherever_it_stands():
    asked = Asked(b"GET", b"/x?arn=eu-north-1:a", b"eu-north-1/lambda", b"T", b"json", b'{"arn": "eu-north-1:b"}')

    moved = asked.elsewhere(b"eu-north-1", b"eu-west-1")

    assert moved == Asked(b"GET", b"/x?arn=eu-west-1:a", b"eu-west-1/lambda", b"T", b"json", b'{"arn": "eu-west-1:b"}')
