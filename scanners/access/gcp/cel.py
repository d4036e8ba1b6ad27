"""Conditions of bindings and deny rules, decided in three values.

What is known of a request decides: its time, the name, type and service of the resource, its tags where they were read.
Everything else (addresses, access levels, attributes of calls, the hour) leaves the condition open, and what is left of
it is told, in words and as an expression.  A window of time is decided for `now`, and with it goes until when.
Source: "Attribute reference for IAM Conditions" and "Overview of IAM Conditions", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from scanners.access.gcp.grammar import COMPARES, Misread, Term, read
from scanners.access.gcp.spoken import spoken
from scanners.access.gcp.values import (
    PARTS,
    Moment,
    Open,
    Text,
    added,
    compared,
    day,
    duration,
    exactly,
    extract,
    fixed,
    timestamp,
    zone,
)
from scanners.access.truth import MAYBE, NO, YES, Truth

ROOTS = (
    "request",
    "resource",
    "api",
    "destination",
    "origin",
    "principal",
    "iap",
    "access",
    "assertion",
    "attribute",
    "google",
)  # the last three in providers of workload identity pools
BOUNDARIES = 24  # how many moments at which a condition may turn are looked at
OPEN_METHODS = {"hasOnly", "inIpRange", "hasAny", "exists", "all"}
TAGS = {"matchTag": 2, "matchTagId": 2, "hasTagKey": 1, "hasTagKeyId": 1}


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a request.  `tags`: by key, in both spellings; None where they were not read.

    `at_that_moment`: `now` is the time of the request, so that the hour and the day of the week are known as well.
    `timed` False: not even the day is known.
    """

    now: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)  # "resource.name" → what is known of it
    tags: Mapping[str, str] | None = None
    at_that_moment: bool = False
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """`left` and `words`: what must hold, of a truth that is open.  `flaw`: why it was not understood.

    `until`: when what holds now turns.  `begins`: when what does not hold now may.
    """

    truth: Truth
    left: str = ""
    words: str = ""
    flaw: str = ""
    until: datetime | None = None
    begins: datetime | None = None


def evaluate(expression: object, context: Context) -> Outcome:
    """Of no condition at all: yes.  Never raises."""
    if expression is None or expression == "":
        return Outcome(YES)
    term = _read(expression) if isinstance(expression, str) else "it is no text"
    if isinstance(term, str):
        return Outcome(MAYBE, str(expression)[:200], flaw=f"a condition was not understood: {term}")
    asking = _Asking(context)
    found = asking.truth(term)
    if isinstance(found, Open):
        return Outcome(MAYBE, found.left, found.words, found.flaw)
    turns = next((at for at in asking.turns() if _Asking(replace(context, now=at)).truth(term) is not found), None)
    return Outcome(YES, until=turns) if found else Outcome(NO, begins=turns)


def text_of(expression: str, context: Context) -> str | None:
    """The one text that an expression makes of what is known; None where that cannot be told.  Never raises."""
    term = _read(expression)
    return None if isinstance(term, str) else fixed(_Asking(context).value(term))


@lru_cache(maxsize=8_192)
def _read(text: str) -> Term | str:
    try:
        return read(text)
    except Misread as wrong:
        return str(wrong)


class _Asking:
    """One look at one expression."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.moments: set[datetime] = set()

    def turns(self) -> list[datetime]:
        """Later moments at which the answer may be another, the next first."""
        return sorted(at for at in self.moments if at > self.context.now)[:BOUNDARIES]

    def truth(self, term: Term) -> bool | Open:
        if term.op in ("and", "or"):
            return self.joined(term, decides=term.op == "or")
        if term.op == "not":
            inner = self.truth(term.parts[0])
            if isinstance(inner, Open):
                return Open(f"!({inner.left})", f"not ({inner.words})", inner.flaw)
            return not inner
        found = self.value(term)
        if isinstance(found, (bool, Open)):
            return found
        return self.open(term, f"`{term.source[:60]}` is neither true nor false")

    def joined(self, term: Term, decides: bool) -> bool | Open:
        left: list[Open] = []
        for part in term.parts:
            found = self.truth(part)
            if isinstance(found, Open):
                left.append(found)
            elif found is decides:
                return decides
        if not left:
            return not decides
        mark, word = (" || ", " or ") if decides else (" && ", " and ")
        flaw = next((one.flaw for one in left if one.flaw), "")
        if len(left) == 1:
            return left[0]
        return Open(mark.join(_bracketed(one.left) for one in left), word.join(one.words for one in left), flaw)

    def value(self, term: Term) -> Any:
        """A bool, int, datetime, timedelta, Text, Moment, list, None; or Open."""
        if term.op == "value":
            return exactly(term.value) if isinstance(term.value, str) else term.value
        if term.op in ("name", "field"):
            return self.attribute(term)
        if term.op in ("and", "or", "not"):
            return self.truth(term)
        if term.op in COMPARES:
            return self.comparison(term)
        if term.op == "call":
            return self.method(term) if term.method else self.function(term)
        if term.op == "choice":
            return self.choice(term)
        if term.op == "list":
            return [self.value(part) for part in term.parts]
        if term.op in ("sum", "minus"):
            return self.sum(term)
        return self.open(term) if term.parts[0].path.partition(".")[0] in ROOTS else self.strange(term)

    def attribute(self, term: Term) -> Any:
        path = term.path
        if path == "request.time" and self.context.timed:
            return Moment()
        if path in self.context.facts:
            return self.context.facts[path]
        return self.open(term) if path.partition(".")[0] in ROOTS else self.strange(term)

    def choice(self, term: Term) -> Any:
        asked, yes, no = term.parts
        found = self.truth(asked)
        if isinstance(found, Open):
            both = self.value(yes), self.value(no)
            flaw = next((one.flaw for one in (found, *both) if isinstance(one, Open) and one.flaw), "")
            same = isinstance(both[0], bool) and both[0] is both[1]
            return both[0] if same else Open(term.source, spoken(term), flaw)
        return self.value(yes if found else no)

    def comparison(self, term: Term) -> bool | Open:
        left, right = (self.value(part) for part in term.parts)
        if term.op == "in":
            return self.among(term, left, right)
        for one in (left, right):
            if isinstance(one, Open):
                return self.open(term, one.flaw)
        if isinstance(left, Moment) or isinstance(right, Moment):
            return self.times(term, left, right)
        if isinstance(left, Text) and isinstance(right, Text):
            return self.texts(term, left, right)
        said = compared(left, right, term.op)
        return self.open(term, f"`{term.source[:60]}` compares things of two types") if said is None else said

    def texts(self, term: Term, left: Text, right: Text) -> bool | Open:
        if len(right.choices) > 1 or not right.choices[0][1]:
            left, right = right, left
        fixed, whole = right.choices[0]
        if term.op not in ("==", "!=") or len(right.choices) > 1 or not whole:
            return self.open(term)
        same = left.equals(fixed)
        return self.open(term) if same is None else same is (term.op == "==")

    def times(self, term: Term, left: Any, right: Any) -> bool | Open:
        """Of the request's time with a fixed one.  When that turns is remembered."""
        try:
            for one, other in ((left, right), (right, left)):
                if isinstance(one, Moment) and isinstance(other, datetime):
                    at = other - one.later
                    self.moments |= {at, at + timedelta(microseconds=1)}
            now = [self.context.now + one.later if isinstance(one, Moment) else one for one in (left, right)]
        except OverflowError:
            return self.open(term, "a time is out of all bounds")
        said = compared(now[0], now[1], term.op)
        return self.open(term, f"`{term.source[:60]}` compares a time with something else") if said is None else said

    def among(self, term: Term, left: Any, right: Any) -> bool | Open:
        if isinstance(left, Open) or isinstance(right, Open):
            return self.open(term, *(one.flaw for one in (left, right) if isinstance(one, Open) and one.flaw))
        if not isinstance(right, list):
            return self.open(term, f"`{term.source[:60]}` looks into something that is no list")
        said = set[bool | None]()
        for one in right:
            if isinstance(left, Text) and isinstance(one, Text) and len(one.choices) == 1 and one.choices[0][1]:
                said.add(left.equals(one.choices[0][0]))
            else:
                said.add(None if isinstance(one, Open | Moment) else compared(left, one, "=="))
        if True in said:
            return True
        return self.open(term) if None in said else False

    def function(self, term: Term) -> Any:
        values = [self.value(part) for part in term.parts]
        if term.name in ("timestamp", "duration", "date") and len(values) == 1:
            text = fixed(values[0])
            if isinstance(values[0], datetime) and term.name == "timestamp":
                return values[0]
            made = None if text is None else {"timestamp": timestamp, "duration": duration}.get(term.name, day)(text)
            return self.open(term, f"`{term.source[:60]}` is no {term.name}") if made is None else made
        if term.name == "size" and len(values) == 1 and isinstance(values[0], list):
            return len(values[0])
        if term.name in ("inIpRange", "has", "string", "int", "size"):
            return self.open(term, *(one.flaw for one in values if isinstance(one, Open) and one.flaw))
        return self.strange(term)

    def method(self, term: Term) -> Any:
        owner, *given = term.parts
        path, values = owner.path, [self.value(one) for one in given]
        if path == "resource" and term.name in TAGS:
            return self.tagged(term, values)
        if path == "api" and term.name == "getAttribute":
            return self.open(term)
        found = self.value(owner)
        if term.name in PARTS:
            return self.part(term, found, values)
        if isinstance(found, Text):
            return self.of_text(term, found, values)
        flaws = [one.flaw for one in (found, *values) if isinstance(one, Open) and one.flaw]
        if isinstance(found, Open) and term.name in (*OPEN_METHODS, *_TEXT):
            return self.open(term, *flaws)
        return self.strange(term)

    def of_text(self, term: Term, owner: Text, values: list[Any]) -> Any:
        given = fixed(values[0]) if values else None
        if term.name in ("startsWith", "endsWith", "contains") and len(values) == 1:
            if given is None:
                return self.open(term)
            said = {"startsWith": owner.starts, "endsWith": owner.ends, "contains": owner.contains}[term.name](given)
            return self.open(term) if said is None else said
        if term.name == "extract" and given is not None:
            if extract("", given) is None:
                return self.open(term, f"`{given[:60]}` has no place to extract")
            made = owner.mapped(lambda text: extract(text, given) or "")
            return self.open(term) if made is None else made
        if term.name in ("lowerAscii", "upperAscii") and not values:
            return owner.mapped(str.lower if term.name == "lowerAscii" else str.upper) or self.open(term)
        return self.open(term) if term.name in _TEXT else self.strange(term)

    def part(self, term: Term, owner: Any, values: list[Any]) -> Any:
        """Of a time.  Those of the request's time that come round again are not known, its year is."""
        place = zone(fixed(values[0]) if values else "UTC")
        if place is None:
            return self.open(term, f"`{term.source[:60]}` names no time zone that is known")
        if isinstance(owner, Moment):
            if not self.context.at_that_moment and term.name != "getFullYear":
                return self.open(term)
            year = min(max(self.context.now.year, 1), 9_990)
            if term.name == "getFullYear":
                self.moments |= {datetime(year + more, 1, 1, tzinfo=place).astimezone(UTC) for more in range(1, 9)}
            owner = self.context.now + owner.later
        if not isinstance(owner, datetime):
            return owner if isinstance(owner, Open) else self.strange(term)
        return PARTS[term.name](owner.astimezone(place))

    def tagged(self, term: Term, values: list[Any]) -> bool | Open:
        tags, given = self.context.tags, [fixed(one) for one in values]
        if len(given) != TAGS[term.name] or None in given:
            return self.open(term, f"`{term.source[:60]}` does not say which tag")
        if tags is None:
            return self.open(term)
        held = tags.get(str(given[0]))
        return held is not None and (len(given) == 1 or held == given[1])

    def sum(self, term: Term) -> Any:
        values = [self.value(part) for part in term.parts]
        if any(isinstance(one, Open) for one in values):
            return self.open(term, *(one.flaw for one in values if isinstance(one, Open) and one.flaw))
        if term.op == "minus":
            return -values[0] if isinstance(values[0], (int, timedelta)) else self.strange(term)
        made = values[0]
        for sign, one in zip(term.value[1:], values[1:], strict=True):
            made = added(made, sign, one)
            if made is None:
                return self.strange(term)
        return made

    def open(self, term: Term, flaw: str = "", *more: str) -> Open:
        why = f"a condition was not understood: {flaw}" if flaw and not flaw.startswith("a condition") else flaw
        return Open(term.source, spoken(term), why)

    def strange(self, term: Term) -> Open:
        return self.open(term, f"`{term.source[:60]}` is not known")


_TEXT = ("startsWith", "endsWith", "contains", "extract", "lowerAscii", "upperAscii", "matches", "split", "size")


def _bracketed(text: str) -> str:
    return f"({text})" if " || " in text or " && " in text or " ? " in text else text
