"""Asynchronous work in a thread of its own, whose results come one by one to whoever waits for them."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

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
