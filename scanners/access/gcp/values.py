"""The values that conditions compute with, where a request is not known in full.

A text may be one of several (a project is named by id or by number), or be known by its beginning alone (some object of
a bucket).  A time may be the request's.  What cannot be told at all is `Open`, with what would have to hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

TIME = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)"
)  # RFC 3339, as timestamp() takes it
_LENGTH = re.compile(r"(-?)((?:\d{1,12}(?:\.\d{1,9})?(?:h|ms|us|ns|m|s))+)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)")
OFFSET = re.compile(r"([+-]?)(\d\d):(\d\d)")
PARTS = {  # of a time; months, days of the month and of the year count from 0, and a week from Sunday
    "getFullYear": lambda t: t.year,
    "getMonth": lambda t: t.month - 1,
    "getDate": lambda t: t.day,
    "getDayOfMonth": lambda t: t.day - 1,
    "getDayOfWeek": lambda t: (t.weekday() + 1) % 7,
    "getDayOfYear": lambda t: t.timetuple().tm_yday - 1,
    "getHours": lambda t: t.hour,
    "getMinutes": lambda t: t.minute,
    "getSeconds": lambda t: t.second,
    "getMilliseconds": lambda t: t.microsecond // 1000,
}
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class Open:
    """Not known.  `left` is the expression that decides, `words` the same for people; `flaw`: it was not understood."""

    left: str
    words: str = ""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One of several texts: (text, whether it is whole; else it goes on)."""

    choices: tuple[tuple[str, bool], ...]

    def holds(self, whole: Callable[[str], bool], begun: Callable[[str], bool | None]) -> bool | None:
        """Whether a claim holds of it; None where that cannot be told."""
        said = {whole(text) if complete else begun(text) for text, complete in self.choices}
        return said.pop() if len(said) == 1 else None

    def equals(self, other: str) -> bool | None:
        return self.holds(lambda text: text == other, lambda text: None if other.startswith(text) else False)

    def starts(self, other: str) -> bool | None:
        def begun(text: str) -> bool | None:
            if text.startswith(other):
                return True
            return None if other.startswith(text) else False

        return self.holds(lambda text: text.startswith(other), begun)

    def ends(self, other: str) -> bool | None:
        return self.holds(lambda text: text.endswith(other), lambda text: None)

    def contains(self, other: str) -> bool | None:
        return self.holds(lambda text: other in text, lambda text: True if other in text else None)

    def mapped(self, made: Callable[[str], str]) -> Text | None:
        """None where part of it is not whole."""
        if all(complete for _, complete in self.choices):
            return Text(tuple((made(text), True) for text, _ in self.choices))
        return None


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of the request, and so much later."""

    later: timedelta = timedelta()


def exactly(text: str) -> Text:
    return Text(((text, True),))


def timestamp(text: str) -> datetime | None:
    found = TIME.fullmatch(text)
    if not found:
        return None
    try:
        fraction = f".{found[2][:6]:0<6}" if found[2] else ""
        return datetime.fromisoformat(
            f"{found[1].upper()}{fraction}{found[3].upper().replace('Z', '+00:00')}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def duration(text: str) -> timedelta | None:
    found = _LENGTH.fullmatch(text)
    if not found:
        return None
    seconds = sum(float(part[1]) * _SECONDS[part[2]] for part in _PART.finditer(found[2]))
    try:
        return timedelta(seconds=-seconds if found[1] else seconds)
    except OverflowError:
        return None


def extract(text: str, template: str) -> str | None:
    """What stands in the place of {…}, as `resource.name.extract` takes it; None for a template without a place."""
    before, opening, rest = template.partition("{")
    _, closing, after = rest.partition("}")
    if not opening or not closing:
        return None
    start = text.find(before)
    if start < 0:
        return ""
    start += len(before)
    end = text.find(after, start) if after else len(text)
    return text[start:end] if end >= 0 else ""


def compared(left: Any, right: Any, op: str) -> bool | None:
    """None where values of these types cannot be compared so."""
    if type(left) is not type(right) or not isinstance(left, (int, datetime, timedelta, str)):
        return {"==": left == right, "!=": left != right}.get(op) if type(left) is type(right) else None
    return bool({"==": left == right, "!=": left != right, "<": left < right, "<=": left <= right, ">": left > right,
                 ">=": left >= right}[op])  # fmt: skip


def fixed(value: Any) -> str | None:
    if isinstance(value, Text) and len(value.choices) == 1 and value.choices[0][1]:
        return value.choices[0][0]
    return None


@lru_cache(maxsize=256)
def zone(name: str | None) -> tzinfo | None:
    """By name of the time zone database, or by its distance from UTC: "-08:00"."""
    try:
        if name and (found := OFFSET.fullmatch(name)):
            away = timedelta(hours=int(found[2]), minutes=int(found[3]))
            return timezone(-away if found[1] == "-" else away)
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None


def day(text: str) -> datetime | None:
    return timestamp(f"{text}T00:00:00Z")


def added(left: Any, sign: str, right: Any) -> Any:
    """None where that makes no sense."""
    if sign == "-" and isinstance(right, timedelta):
        sign, right = "+", -right
    try:
        if sign == "+" and isinstance(left, Moment) and isinstance(right, timedelta):
            return Moment(left.later + right)
        if sign == "+" and isinstance(left, (datetime, timedelta)) and isinstance(right, timedelta):
            return left + right
        if sign == "-" and isinstance(left, datetime) and isinstance(right, datetime):
            return left - right
    except OverflowError:
        return None
    if sign == "+" and isinstance(left, Text) and (more := fixed(right)) is not None:
        return left.mapped(lambda text: text + more)
    if type(left) is int and type(right) is int and sign in "+-":
        return left + right if sign == "+" else left - right
    return None
