"""Orders a list can have, and keyset pages through each: as quick at the end as at the start."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan, LessThan

from posture.queries.finding_question import Question

T = TypeVar("T")
ROWS = 50
DEFAULT = "-severity"


class WrongPlace(Exception):
    """A cursor that no page of ours ever had."""


@dataclass(frozen=True)
class Order:
    """Columns that all run the same way, the last one unique; a leading "-" turns a number's way around."""

    columns: tuple[str, ...]
    types: tuple[Any, ...]
    falling: bool = False

    def expressions(self, question: Question) -> list[Combinable]:
        return [_column(name, question) for name in self.columns]


_URGENT = (("severity", "changed_at", "id"), (int, datetime, int))
_RECENT = (("changed_at", "id"), (datetime, int))
ORDERS: Mapping[str, Order] = {
    "-severity": Order(*_URGENT, falling=True),
    "severity": Order(*_URGENT),
    "-changed": Order(*_RECENT, falling=True),
    "changed": Order(*_RECENT),
    "account": Order(("account__name", "account_id", "-severity", "-id"), (str, int, int, int)),
    "-account": Order(("account__name", "account_id", "severity", "id"), (str, int, int, int), falling=True),
}


@dataclass(frozen=True)
class Page(Generic[T]):
    """`older` and `newer` are cursors, or None at the ends."""

    rows: Sequence[T]
    older: str | None = None
    newer: str | None = None
    total: int | None = None

    @property
    def shown(self) -> int:
        return len(self.rows)


def ordered(found: QuerySet[Any], question: Question, sort: str, *, backwards: bool = False) -> QuerySet[Any]:
    order = ORDERS[sort]
    falling = order.falling != backwards
    columns = [Func(e, template="%(expressions)s") for e in order.expressions(question)]
    return found.order_by(*(column.desc() if falling else column.asc() for column in columns))


def ids(
    found: QuerySet[Any], question: Question, sort: str, *, after: str = "", before: str = "", rows: int = ROWS
) -> Page[int]:
    """The ids of one page, in order.  Raises WrongPlace."""
    order = ORDERS[sort]
    if place := after or before:
        here = _Row(*(Value(value) for value in _read(place, order)))
        there = _Row(*order.expressions(question))
        found = found.filter(LessThan(there, here) if order.falling == bool(after) else GreaterThan(there, here))
    keys = ordered(found, question, sort, backwards=bool(before and not after))
    some = list(keys.values_list(*order.expressions(question), F(question.field("id")))[: rows + 1])
    more, some = len(some) > rows, some[:rows]
    if before and not after:
        some.reverse()
    older = some and (more or (before and not after))
    newer = some and (after or (before and more))
    return Page(
        [line[-1] for line in some],
        _write(some[-1][:-1]) if older else None,
        _write(some[0][:-1]) if newer else None,
    )


class _Row(Func):
    """Several columns compared at once, which an index over them answers."""

    template = "ROW(%(expressions)s)"
    output_field = BooleanField()  # never read; a comparison wants one


def _column(name: str, question: Question) -> Combinable:
    if name.startswith("-"):
        return F(question.field(name[1:])) * -1
    return F(question.field(name))


def _write(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _read(place: str, order: Order) -> tuple[Any, ...]:
    try:
        raw = base64.urlsafe_b64decode(place + "=" * (-len(place) % 4))
        return msgspec.json.decode(raw, type=tuple[order.types])  # type: ignore[name-defined]
    except (binascii.Error, ValueError, msgspec.MsgspecError) as wrong:
        raise WrongPlace from wrong
