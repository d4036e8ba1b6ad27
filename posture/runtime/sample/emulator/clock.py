"""moto's sense of time: a request may say when it happens (`x-sample-at`), so an estate gets the same past every time.

moto asks `datetime`, `time` and its own `utcnow` by module attribute; all of them are led here. A request that says
nothing happens now. Known limit: only modules of moto that are loaded when `patch` runs are led.
"""

from __future__ import annotations

import datetime as real_datetime
import sys
import time as real_time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

HEADER = "x-sample-at"
_instant: ContextVar[real_datetime.datetime | None] = ContextVar("instant", default=None)


@contextmanager
def at(text: str | None) -> Iterator[None]:
    """Within: moto's now is `text` (ISO 8601 with zone), or the real now when it is None."""
    token = _instant.set(real_datetime.datetime.fromisoformat(text) if text else None)
    try:
        yield
    finally:
        _instant.reset(token)


def now(tz: real_datetime.tzinfo | None = None) -> real_datetime.datetime:
    instant = _instant.get()
    if instant is None:
        return real_datetime.datetime.now(tz)
    return instant.astimezone(tz) if tz else instant.astimezone(real_datetime.UTC).replace(tzinfo=None)


def epoch() -> float:
    instant = _instant.get()
    return real_time.time() if instant is None else instant.timestamp()


class _AnyDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, real_datetime.datetime)


class Datetime(real_datetime.datetime, metaclass=_AnyDatetime):
    @classmethod
    def now(cls, tz: real_datetime.tzinfo | None = None) -> Any:
        return now(tz)

    @classmethod
    def utcnow(cls) -> Any:
        return now(real_datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return now()


def patch() -> None:
    date_module, time_module = ModuleType("datetime"), ModuleType("time")
    vars(date_module).update(vars(real_datetime), datetime=Datetime)
    vars(time_module).update(vars(real_time), time=epoch)
    led: dict[int, object] = {
        id(real_datetime): date_module,
        id(real_datetime.datetime): Datetime,
        id(real_time): time_module,
        id(real_time.time): epoch,
    }
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and isinstance(module, ModuleType):
            for attribute, value in list(vars(module).items()):
                if id(value) in led:
                    setattr(module, attribute, led[id(value)])
