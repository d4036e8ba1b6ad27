"""Coverage cells as intervals, and the freshness of scopes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from posture.models import CoverageCell, Scan, Scope, Unit
from scanners.model import State

_FACTS = ("permission", "state", "code", "message", "counts", "refs")


def apply(scan: Scan, units: list[Unit], at: datetime) -> None:
    """A new interval for every call that ended otherwise than last time; calls no longer made are closed."""
    now = {("global", "arrival", cell["call"]): cell for cell in scan.summary.get("arrival", [])}
    now |= {(unit.region, unit.service, cell["call"]): cell for unit in units for cell in unit.cells}
    looked = {(unit.region, unit.service) for unit in units} | {("global", "arrival")}
    closed: list[int] = []
    for cell in CoverageCell.objects.filter(account=scan.account_id, until_at=None):
        key = (cell.region, cell.service, cell.call)
        if key in now and _same(cell, now[key]):
            del now[key]
        elif key[:2] in looked:
            closed.append(cell.pk)
    CoverageCell.objects.filter(pk__in=closed).update(until_at=at)
    CoverageCell.objects.bulk_create(
        CoverageCell(account_id=scan.account_id, region=region, service=service, call=call, since_at=at,
                     **{fact: cell[fact] for fact in _FACTS})
        for (region, service, call), cell in now.items()
    )  # fmt: skip
    whole = {unit.pk for unit in units if _told(unit.gaps) and _read_in_full(unit.cells)}
    _freshen(scan.account_id, [unit for unit in units if unit.pk in whole], "read_at")
    _freshen(scan.account_id, [unit for unit in units if unit.pk not in whole])


def _freshen(account: int, units: list[Unit], *also: str) -> None:
    """One statement for all scopes: a scan has hundreds."""
    Scope.objects.bulk_create(
        (
            Scope(account_id=account, region=unit.region, service=unit.service, gaps=unit.gaps,
                  tried_at=unit.finished_at, read_at=unit.finished_at)
            for unit in units
        ),
        update_conflicts=True,
        unique_fields=["account", "region", "service"],
        update_fields=["tried_at", "gaps", *also],
    )  # fmt: skip


def _same(cell: CoverageCell, now: dict[str, Any]) -> bool:
    """Counts of answers come and go with the resources; only what was not read makes a new interval."""
    known = {"read", "absent"}
    unread = {state: count for state, count in now["counts"].items() if state not in known}
    return (cell.state, cell.code, cell.permission) == (now["state"], now["code"], now["permission"]) and (
        {state: count for state, count in cell.counts.items() if state not in known},
        cell.refs,
    ) == (unread, now["refs"])


def _told(gaps: dict[str, list[dict[str, Any]]]) -> bool:
    """Whether the account told of its kinds all that it can tell."""
    return all(gap["state"] == State.ELSEWHERE for missing in gaps.values() for gap in missing)


def _read_in_full(cells: list[dict[str, Any]]) -> bool:
    return all(cell["state"] in ("read", "absent", "other_road", "elsewhere") for cell in cells)
