"""Schedules fire once: however many schedulers there are, and however many ticks were missed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from posture.actions import scans, schedules
from posture.models import Scan, Schedule
from posture.runtime.mistakes import Mistake
from tests.publishing import an_account

START = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)


def together(count, action):
    """Run it in that many threads at once; what each of them got, or raised."""
    gate, results = threading.Barrier(count), []

    def run():
        gate.wait()
        try:
            results.append(action())
        except scans.AlreadyRunning as running:
            results.append(running)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_never_double_a_scan():
    schedules.set_schedule(account=an_account(), cron="0 3 * * *", timezone="UTC", now=START)

    asked = together(4, lambda: schedules.tick(now=START + timedelta(hours=1)))

    assert sorted(len(scan) for scan in asked) == [0, 0, 0, 1]
    assert Scan.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_gets_a_scan():
    account = an_account()

    answers = together(8, lambda: scans.ask(account=account, cause="person", now=timezone.now()))

    assert sum(isinstance(answer, Scan) for answer in answers) == 1
    assert sum(isinstance(answer, scans.AlreadyRunning) for answer in answers) == 7


@pytest.mark.django_db
def test_missed_ticks_count_as_one():
    schedules.set_schedule(account=an_account(), cron="0 3 * * *", timezone="UTC", now=START)

    after_a_week = schedules.tick(now=START + timedelta(days=7))

    assert len(after_a_week) == 1
    assert Schedule.objects.get().due_at == datetime(2026, 11, 8, 3, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_tick_during_a_scan_is_served_by_that_scan():
    account = an_account()
    schedules.set_schedule(account=account, cron="0 3 * * *", timezone="UTC", now=START)
    scans.ask(account=account, cause="person", now=START)

    assert schedules.tick(now=START + timedelta(hours=1)) == []
    assert Scan.objects.count() == 1
    assert Schedule.objects.get().due_at > START + timedelta(hours=1)


@pytest.mark.django_db
def test_a_paused_schedule_asks_for_nothing_and_makes_up_for_nothing():
    schedule = schedules.set_schedule(account=an_account(), cron="0 3 * * *", timezone="UTC", now=START)
    schedules.pause(schedule=schedule)

    assert schedules.tick(now=START + timedelta(days=3)) == []
    schedules.unpause(schedule=schedule, now=START + timedelta(days=3))
    assert schedules.tick(now=START + timedelta(days=3)) == []


@pytest.mark.parametrize(
    ("cron", "timezone", "after", "due"),
    [
        ("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("0 3 * * *", "America/New_York", datetime(2026, 11, 1, 0, tzinfo=UTC), datetime(2026, 11, 1, 8, tzinfo=UTC)),
    ],
    ids=["an hour that the clock skips", "the night the clock goes back"],
)
def test_the_hour_is_the_zones_own(cron, timezone, after, due):
    assert schedules.next_tick(cron, timezone, after) == due


@pytest.mark.parametrize(
    ("cron", "timezone"), [("61 * * * *", "UTC"), ("", "UTC"), ("0 3 * * *", "Mars/Base"), ("0 0 31 2 *", "UTC")]
)
def test_what_is_no_schedule_is_one_sentence(cron, timezone):
    with pytest.raises(Mistake):
        schedules.next_tick(cron, timezone, START)


@pytest.mark.django_db
def test_a_scan_that_nobody_works_on_is_found_and_rung_for_again():
    waiting = scans.ask(account=an_account(), cause="person", now=START)

    assert scans.unattended() == [waiting.pk]
