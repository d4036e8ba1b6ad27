"""Pages of a list by one column and the id: as quick at the end as at the start."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.db.models import Model, Q, QuerySet

from posture.queries.finding_pages import Page, WrongPlace

M = TypeVar("M", bound=Model)
ROWS = 50
TYPES = {"changed": datetime, "severity": int}  # of columns that are no text


def page(found: QuerySet[M], order: str, *, after: str = "", before: str = "", rows: int = ROWS) -> Page[M]:
    """`order` is a column or annotation, "-" before it for the other way.  Raises WrongPlace."""
    column, falling = order.removeprefix("-"), order.startswith("-")
    backwards = bool(before and not after)
    down = falling != backwards
    if place := after or before:
        value, pk = _read(place, TYPES.get(column, str))
        beyond = "lt" if down else "gt"
        found = found.filter(
            Q(**{f"{column}__{beyond}e": value}), Q(**{f"{column}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk})
        )
    some = list(found.order_by(*(("-" if down else "") + name for name in (column, "pk")))[: rows + 1])
    more, some = len(some) > rows, some[:rows]
    if backwards:
        some.reverse()
    older = some and (more or backwards)
    newer = some and (after or (backwards and more))
    return Page(some, _write(some[-1], column) if older else None, _write(some[0], column) if newer else None)


def _write(row: Model, column: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([getattr(row, column), row.pk])).decode().rstrip("=")


def _read(place: str, kind: Any) -> tuple[Any, int]:
    try:
        raw = base64.urlsafe_b64decode(place + "=" * (-len(place) % 4))
        value, pk = msgspec.json.decode(raw, type=tuple[kind, int])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as wrong:
        raise WrongPlace from wrong
    if "\x00" in str(value) or abs(pk) >= 2**63:
        raise WrongPlace
    return value, pk
