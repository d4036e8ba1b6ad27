"""Rows → core values: the estate as a publication left it, read kind by kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from posture.models import Account
from scanners.model import Gap, Resource, Unit

_OPEN = """
    SELECT r.ref, r.name, r.region, s.region, s.service, v.body::text
    FROM posture_resource r
    JOIN posture_scope s ON s.id = r.scope_id
    JOIN posture_resourceversion v ON v.resource_id = r.id AND v.until_at IS NULL
    WHERE r.account_id = %s AND r.kind = %s AND r.gone_at IS NULL AND NOT r.id = ANY(%s)
    ORDER BY r.ref COLLATE "C"
"""
_AT = """
    SELECT r.kind, r.ref, r.name, r.region, s.region, s.service, v.body::text
    FROM posture_resource r
    JOIN posture_scope s ON s.id = r.scope_id
    JOIN posture_resourceversion v ON v.resource_id = r.id
    WHERE r.account_id = %s AND r.kind = ANY(%s) AND v.since_at <= %s AND (v.until_at IS NULL OR v.until_at > %s)
    ORDER BY r.ref COLLATE "C"
"""


class Body(msgspec.Struct):
    documents: dict[str, Any]
    calls: dict[str, str]
    gaps: dict[str, tuple[Gap, ...]]


_decoder = msgspec.json.Decoder(Body)


class _Alike:
    """What resources of one listing have in common is held once: a large account has a hundred thousand of them."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, ...], dict[str, str]] = {}
        self._units: dict[tuple[str, str], Unit] = {}

    def resource(self, kind: str, ref: str, name: str, region: str, place: str, service: str, body: str) -> Resource:
        read = _decoder.decode(body)
        calls = self._calls.setdefault((kind, *read.calls, *read.calls.values()), read.calls)
        unit = self._units.setdefault((place, service), Unit(place, service))
        where = unit.region if region == place else region
        return Resource(kind, ref, ref if name == ref else name, where, unit, read.documents, calls, read.gaps)


def current(account: Account, kind: str, without: list[int]) -> Iterator[Resource]:
    """The resources of a kind as they are now, `without` those that the last try could not see."""
    alike = _Alike()
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [account.pk, kind, without])
        while rows := cursor.fetchmany(500):
            for ref, name, region, place, service, body in rows:
                yield alike.resource(kind, ref, name, region, place, service, body)


def as_of(account: int, kinds: Sequence[str], at: datetime) -> Iterator[Resource]:
    """The resources of these kinds as they were at a time, as far as they had been seen by then."""
    alike = _Alike()
    with connection.cursor() as cursor:
        cursor.execute(_AT, [account, list(kinds), at, at])
        while rows := cursor.fetchmany(500):
            for kind, ref, name, region, place, service, body in rows:
                yield alike.resource(kind, ref, name, region, place, service, body)


def gaps(raw: list[dict[str, Any]]) -> tuple[Gap, ...]:
    return tuple(msgspec.convert(gap, Gap) for gap in raw)
