"""However many workers there are, an account is asked no faster than it allows."""

from __future__ import annotations

import asyncio
import threading
import time
from bisect import bisect_left

import pytest
from django.db import connection, transaction

from posture.models import Pace
from posture.store.pace import BATCH, FREE, Request, Shared, SharedBucket
from scanners.collectors.pace import Bucket, alone

pytestmark = pytest.mark.django_db(transaction=True)
KEY, RATE = "111122223333/eu-west-1/lambda", 100.0
OF_ONE_BATCH = int(RATE * BATCH)


def asking(shared, seconds, sent, *, together=4):
    """Ask as fast as one may, with several calls at once; when each was sent."""

    async def run():
        bucket, end = shared(KEY, RATE), time.monotonic() + seconds

        async def one():
            while time.monotonic() < end:
                await bucket.take()
                sent.append(time.monotonic())

        await asyncio.gather(*(one() for _ in range(together)))

    asyncio.run(run())


def most_above(sent, rate):
    """By how many requests any stretch of time passed what the rate grants in it."""
    sent = sorted(sent)
    return max(
        bisect_left(sent, end) - first - rate * (end - start)
        for first, start in enumerate(sent[::5])
        for first in [first * 5]
        for end in sent[first + 1 :: 7]
    )


def test_two_workers_together_keep_to_the_rate():
    sent: list[float] = []

    def worker():
        with Shared() as shared:
            asking(shared, 1.5, sent)

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    assert most_above(sent, RATE) <= OF_ONE_BATCH + 1
    assert len(sent) > RATE, "and they use what they are granted"


def test_a_rate_that_nobody_keeps_would_be_noticed():
    """Two in-process buckets: what several workers did to an account before."""
    sent: list[float] = []

    workers = [threading.Thread(target=asking, args=(alone, 1.0, sent)) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    assert most_above(sent, RATE) > 2 * OF_ONE_BATCH


def test_what_one_is_told_slows_all():
    async def run(mine, theirs):
        await mine.take()
        mine.refused(0.5)
        await mine.shared.reserve(Request(KEY, RATE))  # what was told before is written down by now
        before = time.monotonic()
        await theirs.take()
        return time.monotonic() - before

    with Shared() as one, Shared() as other:
        waited = asyncio.run(run(one(KEY, RATE), other(KEY, RATE)))

    assert waited > 0.3
    assert Pace.objects.get().pace == pytest.approx(0.8 * RATE)


def test_answers_make_it_fast_again():
    Pace.objects.create(key=KEY, rate=RATE, pace=RATE / 2, free_at="2026-11-01T00:00Z")

    async def run(bucket):
        for _ in range(3 * OF_ONE_BATCH):
            await bucket.take()
            bucket.answered()

    with Shared() as shared:
        asyncio.run(run(shared(KEY, RATE)))

    assert Pace.objects.get().pace == RATE


def test_refusals_have_a_floor():
    with Shared() as shared:
        for _ in range(40):
            shared(KEY, RATE).refused(0)

    assert Pace.objects.get().pace == pytest.approx(0.1 * RATE)


def test_a_busy_bucket_costs_five_round_trips_a_second(monkeypatch):
    from posture.store import pace

    trips, real = [], pace._reserve
    monkeypatch.setattr(pace, "_reserve", lambda *given: trips.append(1) or real(*given))
    sent: list[float] = []

    with Shared() as shared:
        asking(shared, 2.0, sent)

    assert len(trips) <= 12


def test_nothing_else_waits_while_the_database_does():
    ticks = []

    async def run(shared):
        taking = asyncio.create_task(shared(KEY, RATE).take())
        for _ in range(10):
            await asyncio.sleep(0.01)
            ticks.append(taking.done())
        locked.set()
        await taking

    locked = threading.Event()
    Pace.objects.create(key=KEY, rate=RATE, pace=RATE, free_at="2026-11-01T00:00Z")

    def hold(held):
        with transaction.atomic():
            Pace.objects.select_for_update().get()
            held.set()
            locked.wait(5)
        connection.close()

    held = threading.Event()
    holder = threading.Thread(target=hold, args=(held,))
    holder.start()
    held.wait(5)
    with Shared() as shared:
        asyncio.run(run(shared))
    holder.join()

    assert not any(ticks)


def test_a_database_that_is_gone_is_raised_to_whoever_waits(monkeypatch):
    def broken(*_):
        raise ConnectionError("gone")

    monkeypatch.setattr("posture.store.pace._reserve", broken)

    with Shared() as shared, pytest.raises(ConnectionError):
        asyncio.run(shared(KEY, RATE).take())


def test_whoever_asks_after_the_end_is_not_left_waiting():
    with Shared() as shared:
        bucket = shared(KEY, RATE)

    with pytest.raises(RuntimeError):
        asyncio.run(bucket.take())


def test_a_rate_that_only_an_emulator_grants_is_kept_in_the_process():
    with Shared() as shared:
        assert isinstance(shared(KEY, FREE), Bucket)
        assert isinstance(shared(KEY, RATE), SharedBucket)
