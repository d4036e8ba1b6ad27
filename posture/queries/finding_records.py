"""Findings as records for exports: read row by row from one moment, so that memory stays flat and numbers agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from posture.models import CoverageCell, Unit
from posture.queries import visible
from posture.queries.finding_coverage import KNOWN, cells_asked, coverage
from posture.queries.finding_pages import ordered
from posture.queries.finding_question import Question, narrow
from posture.queries.finding_rows import Found, read
from posture.queries.moments import PUBLISHED
from posture.queries.visible import Seer
from scanners.catalog import frameworks

CHUNK = 1000
GAPS = 200  # unread calls named one by one; beyond them the numbers speak
Record = dict[str, Any]
Place = tuple[int, str, str]  # account, region, service: a scope


@dataclass(frozen=True)
class Report:
    """What every format is written from.  `findings` can be gone through once; `checks` are the ids among them."""

    generated_at: datetime
    as_of: datetime | None
    filters: Mapping[str, list[str]]
    coverage: Mapping[str, int]
    gaps: list[CoverageCell]
    checks: list[str]
    findings: Iterator[Record]


@contextmanager
def report(
    seer: Seer, question: Question, *, sort: str, filters: Mapping[str, list[str]], now: datetime
) -> Iterator[Report]:
    """To be read inside this block: a scan that is published meanwhile does not show."""
    with one_moment():
        found = narrow(seer, question)
        cells = cells_asked(seer, question).exclude(state__in=KNOWN).order_by("account", "service", "region", "call")
        yield Report(
            generated_at=now,
            as_of=question.as_of,
            filters=filters,
            coverage=coverage(seer, question),
            gaps=list(cells.select_related("account")[:GAPS]),
            checks=_checks(found, question),
            findings=_records(seer, read(ordered(found, question, sort), question, chunk=CHUNK), question),
        )


def _checks(found: QuerySet[Any], question: Question) -> list[str]:
    path = question.field("check_id")
    return list(found.order_by(path).values_list(path, flat=True).distinct())


@contextmanager
def one_moment() -> Iterator[None]:
    """All questions inside are answered from the same publication."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _records(seer: Seer, rows: Iterator[Found], question: Question) -> Iterator[Record]:
    readings = Readings(seer, question)
    while some := list(islice(rows, CHUNK)):
        readings.look_up(some)
        for found in some:
            yield record(found, readings)


@dataclass
class Readings:
    """When evidence was last read: of every scope, and which scope another resource's evidence came from."""

    seer: Seer
    question: Question
    at: dict[Place, datetime | None] = field(default_factory=dict)
    _accounts: set[int] = field(default_factory=set)
    _places: dict[tuple[int, str], Place] = field(default_factory=dict)

    def look_up(self, rows: Iterable[Found]) -> None:
        """Two questions at most, for any number of rows."""
        rows = list(rows)
        elsewhere = {(f.account_id, p["ref"]) for f in rows for p in f.because if p["ref"] not in ("", f.ref)}
        resources = visible.resources(self.seer).filter(
            account__in={account for account, _ in elsewhere}, ref__in={ref for _, ref in elsewhere}
        )
        self._places = {}
        if elsewhere:
            known = resources.values_list("account_id", "ref", "scope__region", "scope__service", "scope__tried_at")
            for account, ref, region, service, tried_at in known:
                self._places[account, ref] = (account, region, service)
                self.at.setdefault((account, region, service), tried_at)
        if self.question.as_of:
            self._look_back({f.account_id for f in rows} - self._accounts)
        else:
            self.at |= {(f.account_id, f.place, f.service): f.tried_at for f in rows}

    def _look_back(self, accounts: set[int]) -> None:
        if not accounts:
            return
        self._accounts |= accounts
        scans = visible.scans(self.seer).filter(
            account__in=accounts, state__in=PUBLISHED, finished_at__lte=self.question.as_of
        )
        units = Unit.objects.filter(scan__in=scans).values_list("scan__account_id", "region", "service")
        for account, region, service, at in units.annotate(Max("finished_at")):
            self.at[account, region, service] = at

    def of(self, found: Found, ref: str = "") -> datetime | None:
        """When the resource's scope was last read, or that of another resource of the account."""
        own = (found.account_id, found.place, found.service)
        return self.at.get(self._places.get((found.account_id, ref), own) if ref else own)

    def seen_at(self, found: Found) -> datetime | None:
        """When the finding was last in sight; None when it never was."""
        return found.own_seen_at if found.outcome == "unknown" else self.of(found) or found.changed_at


def iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def record(found: Found, readings: Readings) -> Record:
    """The public form of a finding: `findings --format json` is made of these."""
    return {
        "id": found.key,
        "check": found.check,
        "outcome": found.outcome,
        "state": found.state,
        "severity": found.severity,
        "provider": found.provider,
        "account": found.account,
        "region": found.region,
        "kind": found.kind,
        "ref": found.ref,
        "name": found.name,
        "subject": found.subject,
        "sentence": found.sentence,
        "because": [_because(found, proof, readings) for proof in found.because],
        "missing": [{name: gap[name] for name in ("call", "permission", "code", "region")} for gap in found.missing],
        "opened_at": iso(found.failing_since),
        "changed_at": iso(found.changed_at),
        "seen_at": iso(readings.seen_at(found)),
        "controls": frameworks.controls(found.check),
    }


def _because(found: Found, proof: Mapping[str, Any], readings: Readings) -> Record:
    """`source.ref` is there only when the evidence is that of another resource."""
    other = proof["ref"] if proof["ref"] not in ("", found.ref) else ""
    source = {"call": proof["call"], "region": proof["region"], "at": iso(readings.of(found, other))}
    return {
        "pointer": proof["pointer"],
        "value": proof["value"],
        "source": {**source, "ref": other} if other else source,
    }
