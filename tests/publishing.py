"""Scans without a cloud: what units saw is said by the test, and goes through the product's own store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from posture.actions import accounts, scans
from posture.models import Account, Scan, Unit
from posture.store import publish as store
from posture.store import staging
from scanners.collectors.asker import Cell, Tally
from scanners.collectors.gather import Gathered
from scanners.collectors.registry import by_kind
from scanners.model import Gap, Provider, Resource, State
from scanners.model import Unit as Work


def an_account(ref: str = "111122223333", **fields: object) -> Account:
    account = accounts.ambient(ref=ref, partition="aws")
    Account.objects.filter(pk=account.pk).update(**fields)
    account.refresh_from_db()
    return account


def saw(
    region: str, service: str, *resources: Resource, refused: Iterable[str] = (), provider: Provider = Provider.AWS
) -> Gathered:
    """What a unit saw; the listings of the kinds in `refused` were denied."""
    work = Work(region, service)
    mine = {kind: c for kind, c in by_kind(provider).items() if c.unit_service == service}
    gaps: dict[str, tuple[Gap, ...]] = {}
    cells: dict[str, Cell] = {}
    for kind, collector in mine.items():
        call = collector.listing
        cell = cells.setdefault(call.name, Cell(call))
        if kind in refused:
            gaps[kind] = (Gap(call.name, call.needs, State.DENIED, "AccessDenied", region),)
            cell.note(State.DENIED, gaps[kind][0])
        else:
            cell.note(State.READ)
    for resource in resources:
        for section, missing in resource.gaps.items():
            call = mine[resource.kind].call(section)
            assert call
            cells.setdefault(call.name, Cell(call)).note(missing[0].state, missing[0], resource.ref)
    listed = frozenset(mine) - gaps.keys()
    return Gathered(work, list(resources), listed, gaps, cells, Tally(calls=1))


def publish(
    account: Account, *units: Gathered, at: datetime | None = None, regions: Iterable[str] = ("eu-west-1",)
) -> Scan:
    """One whole scan that saw just that; `regions` are those that the account has enabled."""
    at = at or timezone.now()
    scan = scans.ask(account=account, cause="person", now=at)
    Scan.objects.filter(pk=scan.pk).update(
        state=Scan.State.RUNNING, planned=True, started_at=at, caller="arn:test", summary={"regions": sorted(regions)}
    )
    scan.refresh_from_db()
    for seen in units:
        unit = Unit.objects.create(scan=scan, region=seen.unit.region, service=seen.unit.service, state="running")
        unit.scan = scan
        assert staging.stage(unit, seen, [])
    account.refresh_from_db()
    assert store.publish(scan, now=at, trusted=accounts.trusted(account))
    scan.refresh_from_db()
    account.refresh_from_db()
    return scan
