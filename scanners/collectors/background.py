"""Asynchronous work in a thread of its own, whose results come one by one to whoever waits for them."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any, TypeVar

from scanners.collectors.cloud import Refusal
from scanners.model import State

T = TypeVar("T")
Put = Callable[[T], Coroutine[Any, Any, None]]
UNTAKEN = 16  # results that nobody has taken: with more of them the work waits, so that memory stays flat


def results(work: Callable[[Put[T]], Coroutine[Any, Any, None]], enough: threading.Event) -> Iterator[T | None]:
    """What `work` puts, as it comes; None about once a second in between, so that the caller can do something else.

    A mistake of ours is raised here.  `enough` is set when nobody waits any more: the work looks at it and ends.
    """
    finished: queue.Queue[tuple[T | None, BaseException | None] | None] = queue.Queue()

    async def put(result: T) -> None:
        finished.put((result, None))
        while finished.qsize() > UNTAKEN and not enough.is_set():
            await asyncio.sleep(0.02)

    async def run() -> None:
        try:
            await work(put)
        except BaseException as broken:  # noqa: BLE001  (handed to the thread that waits, which raises it)
            finished.put((None, broken))
        finally:
            finished.put(None)

    threading.Thread(target=lambda: asyncio.run(run()), name="background", daemon=True).start()
    try:
        while True:
            try:
                result = finished.get(timeout=1.0)
            except queue.Empty:
                yield None
                continue
            if result is None:
                return
            if result[1]:
                raise result[1]
            yield result[0]
    finally:
        enough.set()


def promptly(work: Callable[[], T], seconds: float) -> T:
    """What `work` answers while a person waits; raises Refusal where that takes too long, and lets it go on alone."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="probe")
    try:
        return pool.submit(work).result(timeout=seconds)
    except TookTooLong:
        raise Refusal(State.UNREACHABLE, "Timeout", f"no answer within {seconds:.0f} s") from None
    finally:
        pool.shutdown(wait=False)
