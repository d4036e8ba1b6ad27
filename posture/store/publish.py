"""A finished scan becomes what readers see, in one transaction: inventory, coverage, findings, tallies, pointer.

Nothing of a scan is visible before, all of it is after; a crash in between leaves no trace and the work is done again.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from posture.models import Account, Scan, StagedResource, Unit
from posture.store import access, chief, coverage, findings, inventory
from posture.store.evidence import current, gaps
from scanners.collectors.registry import by_kind
from scanners.model import Gap, Provider, State
from scanners.model.estate import Estate


def publish(scan: Scan, *, now: datetime, trusted: frozenset[str]) -> bool:
    """Raises nothing for what a cloud answered.  False when somebody else holds the fence, or has done it."""
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=scan.account_id)
        # Locked until the end: who takes over a lease that ran out meanwhile waits here, and then finds it done.
        held = Scan.objects.filter(pk=scan.pk, fence=scan.fence, state=Scan.State.RUNNING, cancelled_at=None)
        if not held.select_for_update().exists() or scan.units.exclude(state=Unit.State.DONE).exists():
            return False
        at = max(now, account.published_at + timedelta(milliseconds=1)) if account.published_at else now
        units = list(scan.units.all())

        inventory.apply(scan, at)
        coverage.apply(scan, units, at)
        estate, unseen = _estate(scan, account, units, trusted)
        access.apply(account, estate, at)
        changes = findings.apply(account, estate, unseen, at, seen_at=account.published_at)
        findings.tally(account, at)

        Account.objects.filter(pk=account.pk).update(published_at=at, published_scan=scan)
        summary = _summary(scan, units, changes)
        whole = summary["cells"].keys() <= {state.value for state in State if state.known}
        held.update(
            state=Scan.State.COMPLETE if whole else Scan.State.INCOMPLETE,
            finished_at=at,
            leased_until=None,
            summary=summary,
            digest=digest(account),
        )
        StagedResource.objects.filter(unit__scan=scan).delete()
        scan.units.update(gone=[], unseen=[], preview=[])
    return True


def _estate(
    scan: Scan, account: Account, units: list[Unit], trusted: frozenset[str]
) -> tuple[Estate, dict[int, tuple[Gap, ...]]]:
    """What is known now, and the resources (by id) that a refused listing hides."""
    hidden: dict[str, list[int]] = {}
    unseen: dict[int, tuple[Gap, ...]] = {}
    kinds = dict(inventory.kinds_of([pk for unit in units for pk in unit.unseen]))
    collectors = by_kind(Provider(account.provider))
    missing = _missing(account, scan.summary.get("regions", []))
    for unit in units:
        for pk in unit.unseen:
            hidden.setdefault(kinds[pk], []).append(pk)
            unseen[pk] = gaps(unit.gaps[kinds[pk]])
    known, load = chief.lent(account, missing, lambda kind: current(account, kind, hidden.get(kind, [])), _known_to)
    estate = Estate(
        account=account.ref,
        now=scan.asked_at,
        load=load,
        gaps=known,
        trusted_accounts=trusted,
        read=inventory.read_in_full(account, collectors),
    )
    return estate, unseen


def _missing(account: Account, open_regions: list[str]) -> dict[str, tuple[Gap, ...]]:
    """By kind, what of its listing has not been read: where nobody has looked, and what was refused."""
    missing = inventory.never_read(account, by_kind(Provider(account.provider)), open_regions)
    for scope_gaps in account.scopes.order_by("region", "service").values_list("gaps", flat=True):
        for kind, raw in scope_gaps.items():
            missing[kind] = missing.get(kind, ()) + gaps(raw)
    return missing


def _known_to(management: Account) -> tuple[chief.Gaps, chief.Load]:
    """Gaps and resources of another account as they stand now."""
    return _missing(management, []), lambda kind: current(management, kind, [])


def _summary(scan: Scan, units: list[Unit], changes: Counter[str]) -> dict[str, Any]:
    spent = scan.units.aggregate(
        calls=Sum("calls"), retries=Sum("retries"), throttled=Sum("throttled"), seen=Sum("seen")
    )
    states = Counter(cell["state"] for unit in units for cell in unit.cells)
    states.update(cell["state"] for cell in scan.summary.get("arrival", []))
    return {**scan.summary, **{key: value or 0 for key, value in spent.items()}, "cells": dict(states), **changes}


def digest(account: Account) -> str:
    """Of everything that is true now, times left out: equal for equal clouds."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, [account.pk, account.pk])
        return str(cursor.fetchone()[0])


_DIGEST = """
    SELECT md5(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), '')) FROM (
        SELECT 'r ' || kind || ' ' || ref || ' ' || encode(digest, 'hex') AS line
        FROM posture_resource WHERE account_id = %s AND gone_at IS NULL
        UNION ALL
        SELECT concat_ws(' ', 'f', f.key, f.outcome, f.state, f.severity, f.last_known, encode(p.digest, 'hex'))
        FROM posture_finding f JOIN posture_proof p ON p.id = f.proof_id WHERE f.account_id = %s
    ) lines
"""
