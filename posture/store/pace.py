"""The pace of asking, shared by all processes: one row a quota, and the database's clock.

A bucket reserves its requests in batches, what its quota grants in BATCH seconds, so that it costs at most five round
trips a second.  Each batch has a stretch of time of its own: it may be sent from the beginning of that, and is lost at
its end, so that all processes together never send more than the quota and one batch.

Known limit: a refusal stops the others at their next batch, not within it.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

from django.db import connection

from scanners.collectors.pace import BACK_OFF, FLOOR, RECOVER, Bucket, Pace

BATCH = 0.2  # seconds
FREE = 1000.0  # requests a second: no cloud grants them, an emulator does, and there is nothing to share
MOST_ANSWERS = 20  # that one reservation counts: past them any pace has recovered


@dataclass
class Request:
    """What one bucket wants of its row: requests to send, what it learnt meanwhile, and who waits for the answer."""

    key: str
    rate: float
    tokens: int = 0
    factor: float = 1.0
    wait: float = 0.0  # seconds in which nobody may send
    waiter: tuple[asyncio.AbstractEventLoop, asyncio.Future[tuple[float, float]]] | None = None


class Shared:
    """Makes buckets for the time of one piece of work: `with Shared() as pace: collect(…, pace=pace)`.

    A thread with a connection of its own does all the asking, many buckets at once: no event loop waits for Postgres.
    """

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._known: set[str] = set()
        self._closed, self._door = False, threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="pace", daemon=True)

    def __call__(self, key: str, rate: float) -> Pace:
        return Bucket(rate) if rate >= FREE else SharedBucket(self, key, rate)

    def __enter__(self) -> Shared:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._door:  # nothing is asked after the last word
            self._closed = True
            self._requests.put(None)
        self._thread.join()

    async def reserve(self, request: Request) -> tuple[float, float]:
        """(seconds until the batch may be sent, requests a second)."""
        loop = asyncio.get_running_loop()
        request.waiter = (loop, loop.create_future())
        self.tell(request)
        return await request.waiter[1]

    def tell(self, request: Request) -> None:
        with self._door:
            if self._closed:
                raise RuntimeError("the work that this pace was for has ended")
            self._requests.put(request)

    def _serve(self) -> None:
        try:
            while True:
                found = self._waiting()
                batch = [request for request in found if request]
                if batch:
                    self._serve_together(batch)
                if len(batch) < len(found):
                    return
        finally:
            connection.close()

    def _waiting(self) -> list[Request | None]:
        """All requests that are there; waits for one."""
        found = [self._requests.get()]
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._requests.get_nowait())
        return found

    def _serve_together(self, batch: Sequence[Request]) -> None:
        try:
            self._answer(batch, _reserve(batch, self._known))
        except Exception as broken:  # noqa: BLE001  (whoever waits raises it; nobody may wait for ever)
            self._answer(batch, broken)

    @staticmethod
    def _answer(batch: Sequence[Request], answers: dict[str, tuple[float, float]] | Exception) -> None:
        for request in batch:
            if request.waiter:
                loop, future = request.waiter
                with contextlib.suppress(RuntimeError):  # whoever waited is gone
                    loop.call_soon_threadsafe(_settle, future, answers, request.key)


def _settle(
    future: asyncio.Future[tuple[float, float]], answers: dict[str, tuple[float, float]] | Exception, key: str
) -> None:
    if future.done():
        return
    if isinstance(answers, Exception):
        future.set_exception(answers)
    else:
        future.set_result(answers[key])


@dataclass
class SharedBucket:
    """Implements scanners.collectors.pace.Pace."""

    shared: Shared
    key: str
    rate: float
    _left: int = 0
    _until: float = 0.0
    _answers: int = 0
    _slow: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self) -> None:
        async with self._lock:
            loop = asyncio.get_running_loop()
            if self._left < 1 or loop.time() >= self._until:
                await self._reserve(loop)
            self._left -= 1

    async def _reserve(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = max(1, int(self.rate * BATCH))
        factor = RECOVER ** min(self._answers, MOST_ANSWERS) if self._slow else 1.0
        self._answers = 0
        wait, pace = await self.shared.reserve(Request(self.key, self.rate, batch, factor))
        self._slow = pace < self.rate
        self._left, self._until = batch, loop.time() + wait + batch / pace
        if wait > 0:
            await asyncio.sleep(wait)
        if loop.time() >= self._until:  # woken too late for all but one: the time is another's by now
            self._left = 1

    def refused(self, wait: float) -> None:
        self._left, self._answers, self._slow = 0, 0, True
        self.shared.tell(Request(self.key, self.rate, 0, BACK_OFF, wait))

    def answered(self) -> None:
        self._answers += 1


def _reserve(batch: Sequence[Request], known: set[str]) -> dict[str, tuple[float, float]]:
    """One statement for all of them.  Rows are locked in the order of their keys, so that nobody waits in a circle."""
    by_key: dict[str, Request] = {}
    for request in batch:
        one = by_key.setdefault(request.key, Request(request.key, request.rate))
        one.tokens += request.tokens
        one.factor *= request.factor
        one.wait = max(one.wait, request.wait)
    asked = [by_key[key] for key in sorted(by_key)]
    columns = [[getattr(one, name) for one in asked] for name in ("key", "rate", "tokens", "factor", "wait")]
    with connection.cursor() as cursor:
        if new := by_key.keys() - known:
            cursor.execute(_MADE, [sorted(new), [by_key[key].rate for key in sorted(new)]])
            known |= new
        cursor.execute(_RESERVED, [*columns, FLOOR])
        return {key: (float(wait), float(pace)) for key, wait, pace in cursor.fetchall()}


_MADE = """
    INSERT INTO posture_pace (key, rate, pace, free_at)
    SELECT key, rate, rate, clock_timestamp() FROM unnest(%s::text[], %s::float8[]) AS new (key, rate)
    ON CONFLICT (key) DO NOTHING
"""
_RESERVED = """
    WITH asked AS (
        SELECT * FROM unnest(%s::text[], %s::float8[], %s::float8[], %s::float8[], %s::float8[])
            AS asked (key, rate, tokens, factor, wait)
    ), held AS (
        SELECT asked.*, greatest(%s * asked.rate, least(asked.rate, p.pace * asked.factor)) AS now_at, p.free_at
        FROM posture_pace p JOIN asked ON asked.key = p.key ORDER BY p.key FOR UPDATE OF p
    )
    UPDATE posture_pace p SET rate = held.rate, pace = held.now_at,
        free_at = greatest(held.free_at, clock_timestamp() + make_interval(secs => held.wait))
            + make_interval(secs => held.tokens / held.now_at)
    FROM held WHERE p.key = held.key
    RETURNING p.key, extract(epoch FROM p.free_at - clock_timestamp()) - held.tokens / held.now_at, p.pace
"""
