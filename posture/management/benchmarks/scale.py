"""A year of daily scans, written through the store's own door, in a database of its own that is dropped afterwards.

Measures what history costs: megabytes, an as-of count, a page of current findings, and the scans' own writes.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper

from posture.models import Account, AccountGroup, Resource, Scope
from posture.models.findings import State
from posture.store.copy import copy_into
from posture.store.findings import Change, Row, public_key, write
from scanners import lifecycle
from scanners.lifecycle import Known, Transition
from scanners.model import Outcome, Proof, Severity, Verdict
from scanners.model.canonical import digest

DATABASE = "posture_bench"
START = datetime(2025, 11, 22, 3, 0, tzinfo=UTC)
CHECKS = [f"aws.bench.check_{n:02}" for n in range(10)]
VARIANTS = 40  # different proofs a check gives
SQL = {
    "as-of count by severity": (
        """SELECT severity, count(*) FROM posture_findingstate
           WHERE since_at <= %(at)s AND (until_at IS NULL OR until_at > %(at)s) AND state = 1 GROUP BY severity"""
    ),
    "first page of open findings": (
        """SELECT id FROM posture_finding WHERE state = 1
           ORDER BY severity DESC, changed_at DESC, id DESC LIMIT 50"""
    ),
    "page 100 of open findings": (
        """SELECT id FROM posture_finding WHERE state = 1
             AND (severity, changed_at, id) < (3, %(at)s, 9223372036854775807)
           ORDER BY severity DESC, changed_at DESC, id DESC LIMIT 50"""
    ),
}


def run(*, findings: int, days: int, change: float, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Figures by name.  `change` is the share of findings that change a day."""
    dice = random.Random(seed)  # noqa: S311  (a repeatable workload)
    with _scratch_database():
        account, resources = _account(findings // len(CHECKS))
        started = time.perf_counter()
        rows = _first_day(account, resources)
        first = time.perf_counter() - started
        daily = []
        for day in range(1, days):
            daily.append(_day(account, rows, day, max(1, round(findings * change)), dice))
            if day % 30 == 0:
                _vacuum()
                say(f"day {day} of {days}: {daily[-1] * 1000:.0f} ms to write")
        _vacuum()
        middle = START + timedelta(days=days // 2)
        return {
            "findings": findings,
            "days": days,
            "first scan, s": round(first, 2),
            "a day's changes, ms (median)": round(statistics.median(daily) * 1000, 1) if daily else 0,
            **_sizes(),
            **{f"{name}, ms (median of 9)": _timed(sql, middle) for name, sql in SQL.items()},
        }


def _account(resources: int) -> tuple[Account, list[tuple[int, str]]]:
    group = AccountGroup.objects.create(name="bench")
    account = Account.objects.create(provider="aws", ref="111122223333", name="bench", group=group)
    scope = Scope.objects.create(account=account, region="eu-west-1", service="bench")
    columns = ("account_id", "scope_id", "kind", "ref", "name", "region", "digest", "first_at", "changed_at")
    names = [f"arn:aws:lambda:eu-west-1:111122223333:function:service-{n:06}" for n in range(resources)]
    copy_into(
        "posture_resource",
        columns,
        ((account.pk, scope.pk, "AWS::Bench", ref, ref[-14:], "eu-west-1", b"0" * 16, START, START) for ref in names),
    )
    return account, list(Resource.objects.values_list("id", "ref"))


def _first_day(account: Account, resources: list[tuple[int, str]]) -> list[Row]:
    dice = random.Random(0)  # noqa: S311
    changes = []
    for pk, ref in resources:
        for check in CHECKS:
            outcome = Outcome.FAIL if dice.random() < 0.15 else Outcome.PASS
            verdict = _verdict(check, outcome, dice.randrange(VARIANTS))
            key = public_key(account.ref, check, ref, "")
            changes.append(_change(None, key, pk, check, verdict, dice.choice(list(Severity))))
    with transaction.atomic():
        write(account, changes, START, None)
    return [
        Row(n, c.key, c.resource, c.check, "", Known(c.verdict.outcome, c.verdict.outcome, c.severity, c.proof))
        for n, c in enumerate(changes)
    ]


def _day(account: Account, rows: list[Row], day: int, count: int, dice: random.Random) -> float:
    changes = []
    for row in dice.sample(rows, count):
        outcome = Outcome.PASS if row.known.outcome is Outcome.FAIL else dice.choice((Outcome.FAIL, Outcome.PASS))
        verdict = _verdict(row.check, outcome, dice.randrange(VARIANTS))
        changes.append(_change(row, row.key, row.resource, row.check, verdict, row.known.severity))
        row.known = Known(outcome, outcome, row.known.severity, changes[-1].proof)
    started = time.perf_counter()
    with transaction.atomic():
        write(account, changes, START + timedelta(days=day), START + timedelta(days=day - 1))
    return time.perf_counter() - started


def _verdict(check: str, outcome: Outcome, variant: int) -> Verdict:
    proof = Proof(f"/GetPolicy/Policy/Statement/{variant}/Principal", "*", "lambda.GetPolicy", "eu-west-1", "")
    return Verdict(outcome, f"Statement {variant} decides {check}: {outcome}", (proof,))


def _change(row: Row | None, key: str, resource: int, check: str, verdict: Verdict, severity: Severity) -> Change:
    outcome, proof = verdict.outcome, digest([verdict.sentence])
    moved = lifecycle.transition(row.known if row else None, outcome, severity, proof) or Transition.CHANGED
    state = State[lifecycle.state(outcome).name]
    return Change(row, key, resource, check, "", verdict, outcome, severity, state, moved, proof)


def _vacuum() -> None:
    """What autovacuum does in a year that lasts a year; a year of 100 s gives it no time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _sizes() -> dict[str, float]:
    tables = {"findings": "posture_finding", "states": "posture_findingstate", "proofs": "posture_proof"}
    with connection.cursor() as cursor:
        sizes = {}
        for name, table in tables.items():
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            sizes[f"{name}, MB"] = round(cursor.fetchone()[0] / 1e6, 1)
        cursor.execute("SELECT count(*) FROM posture_findingstate")
        return {**sizes, "history in all, MB": round(sum(sizes.values()), 1), "state rows": cursor.fetchone()[0]}


def _timed(sql: str, at: datetime) -> float:
    spent = []
    with connection.cursor() as cursor:
        for _ in range(9):
            started = time.perf_counter()
            cursor.execute(sql, {"at": at})
            cursor.fetchall()
            spent.append(time.perf_counter() - started)
    return round(statistics.median(spent) * 1000, 2)


@contextmanager
def _scratch_database() -> Iterator[None]:
    """A new database on the same server; the one in use is not touched."""
    settings, home = connection.settings_dict, connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    _switch(settings, DATABASE)
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        _switch(settings, home)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def _switch(settings: dict[str, Any], name: str) -> None:
    connections["default"].close()
    if isinstance(connections["default"], DatabaseWrapper):
        connections["default"].close_pool()
    settings["NAME"] = name
