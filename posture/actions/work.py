"""Working on a scan: plan it, claim units of it, perform them, publish it.

Work is leased in Postgres: a unit belongs to whoever raised its fence last, until the lease ends by the database's
clock.  The broker only rings; a bell that nobody heard is rung again, one that two heard does no harm.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from posture.actions import accounts, entry
from posture.models import Account, Scan, Unit
from posture.queries.clouds import CLOUDS
from posture.runtime import home
from posture.store import publish, staging
from posture.store.pace import Shared
from scanners import scan as core
from scanners.collectors.aws.event_history import WISH
from scanners.collectors.cloud import Caller, Refusal
from scanners.collectors.door import Door
from scanners.model import Gap, Provider, State
from scanners.model.estate import Estate

LEASE = timedelta(seconds=20)
RENEWED = timedelta(seconds=5)  # a lease is renewed when so much of it is spent
LOOK = 1.0  # seconds between two looks at the leases, and at whether the scan is still wanted
ATTEMPTS = 6  # at one unit; a unit that brings down worker after worker ends its scan
Clock = Callable[[], datetime]
Told = Callable[[Unit, int, int], None]  # a unit that is done, how many are, of how many


def on(
    *,
    scan_id: int,
    clock: Clock,
    at_once: int | None = None,
    told: Told | None = None,
    arrival: core.Arrival | None = None,
) -> None:
    """Do of a scan what nobody else is doing: plan it, its units (`at_once` at a time; None: all), publish it.

    `arrival`: who we are there and which regions are open, where the one who asks for the scan has just found out.
    Any number of workers may be in here at once, and any of them may die anywhere.
    """
    scan = Scan.objects.select_related("account__organisation").filter(pk=scan_id, state__in=Scan.ACTIVE).first()
    if scan is None:
        return
    try:
        with_cloud = entry.connect(scan.account)
    except Refusal as refusal:
        if _lease(scan):
            _fail(scan, f"{refusal.code}: {refusal.message}", clock())
        return
    try:
        if not scan.planned and not _plan(scan, with_cloud, clock, arrival):
            return
        while units := _claim(scan, at_once):
            if worn := next((unit for unit in units if unit.fence > ATTEMPTS), None):
                _give_up(scan, worn, clock())
                return
            _perform(scan, units, with_cloud, told)
        _publish(scan, clock)
    finally:
        with_cloud.close()


def door() -> Door:
    return Door(home.digest_key())


def _lease(scan: Scan, **claim: Any) -> bool:
    """Take the scan itself, to plan or to publish it.  Of two who ask, one gets it."""
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    taken = Scan.objects.filter(free, pk=scan.pk, state__in=Scan.ACTIVE, cancelled_at=None, **claim).update(
        state=Scan.State.RUNNING, leased_until=Now() + LEASE, fence=F("fence") + 1
    )
    if taken:
        scan.refresh_from_db(fields=["fence", "planned", "state", "summary"])
    return bool(taken)


def _plan(scan: Scan, transport: core.Transport, clock: Clock, arrival: core.Arrival | None = None) -> bool:
    """Find out who we are there and which regions are open, and write down the units of work."""
    if not _lease(scan, planned=False):
        return False
    provider = Provider(scan.account.provider)
    try:
        arrival = arrival or core.arrive(transport, fallback=scan.account.regions, provider=provider)
    except Refusal as refusal:
        _fail(scan, f"{refusal.code}: {CLOUDS[provider].name} did not let us in. {refusal.message}".strip(), clock())
        return False
    if arrival.who.account != scan.account.ref:
        _fail(scan, elsewhere(arrival, scan.account), clock())
        return False
    enabled = arrival.regions.enabled
    wanted = scan.regions or scan.account.regions or list(enabled)
    units = core.plan([region for region in wanted if region in enabled or arrival.gap], scan.services, provider)
    with transaction.atomic():
        if not Scan.objects.filter(pk=scan.pk, fence=scan.fence).update(
            planned=True,
            leased_until=None,
            started_at=clock(),
            caller=arrival.who.arn,
            summary=arrived(arrival, wanted),
        ):
            return False
        Unit.objects.bulk_create(
            (Unit(scan=scan, region=unit.region, service=unit.service) for unit in units), ignore_conflicts=True
        )
    scan.refresh_from_db()
    return True


def elsewhere(arrival: core.Arrival, account: Account) -> str:
    word = CLOUDS[account.provider].account
    return f"These credentials lead to {word} {arrival.who.account}, not to {account.ref}."


def arrived(arrival: core.Arrival, wanted: list[str]) -> dict[str, Any]:
    """What a scan's summary says before any unit is done."""
    return {"arrival": list(_arrival_cells(arrival, wanted)), "regions": list(arrival.regions.enabled or wanted)}


def _arrival_cells(arrival: core.Arrival, wanted: list[str]) -> Iterator[dict[str, Any]]:
    """Coverage of what was asked before any unit: the regions themselves."""
    gap = arrival.gap
    call = core.way_in(arrival.who.provider).REGIONS
    yield _cell(call.name, call.needs, gap.state if gap else State.READ, gap)
    for region in arrival.regions.not_opted_in:
        yield _cell(f"region {region}", "", State.NOT_OPTED_IN)
    for region in sorted(set(wanted) - set(arrival.regions.enabled) - set(arrival.regions.not_opted_in)):
        yield _cell(f"region {region}", "", State.UNREACHABLE)


def _cell(call: str, permission: str, state: State, gap: Gap | None = None) -> dict[str, Any]:
    told = {"code": gap.code, "message": gap.message} if gap else {"code": "", "message": ""}
    return {
        "call": call,
        "permission": permission,
        "state": state.value,
        **told,
        "counts": {state.value: 1},
        "refs": [],
    }


def _claim(scan: Scan, at_once: int | None) -> list[Unit]:
    """Lease units that nobody is working on, or whose worker has gone silent."""
    free = Q(state=Unit.State.WAITING) | Q(state=Unit.State.RUNNING, leased_until__lt=Now())
    with transaction.atomic():
        if not Scan.objects.filter(pk=scan.pk, state=Scan.State.RUNNING, cancelled_at=None).exists():
            return []
        found = scan.units.filter(free).select_for_update(skip_locked=True).order_by("id")[:at_once]
        ids = [unit.pk for unit in found]
        Unit.objects.filter(pk__in=ids).update(
            state=Unit.State.RUNNING, leased_until=Now() + LEASE, fence=F("fence") + 1, started_at=Now()
        )
        return list(Unit.objects.filter(pk__in=ids).select_related("scan__account").order_by("id"))


def _perform(scan: Scan, units: list[Unit], transport: core.Transport, told: Told | None) -> None:
    """Collect the units, and stage each as it finishes; renew the leases of the others meanwhile."""
    left = {(unit.region, unit.service): unit for unit in units}
    cancelled = threading.Event()
    who = Caller(scan.account.ref, scan.account.partition, scan.caller, Provider(scan.account.provider))
    asked = [core.Unit(unit.region, unit.service) for unit in units]
    regions = list(scan.units.exclude(region="global").values_list("region", flat=True).distinct())
    wishes = [WISH] if scan.account.reads_events else []
    looked, planned = -LOOK, scan.units.count()
    with Shared() as pace:
        for seen in core.collect(
            transport, who, asked, door(), regions=regions, stopped=cancelled.is_set, pace=pace, wishes=wishes
        ):
            if time.monotonic() - looked >= LOOK:
                looked = time.monotonic()
                if not _renew(scan, list(left.values())):
                    cancelled.set()
            if seen is None or cancelled.is_set():
                continue
            unit = left.pop((seen.unit.region, seen.unit.service))
            staging.stage(unit, seen, [] if told else list(_preview(scan, seen)))  # a command shows no findings yet
            if told:
                unit.seen, unit.calls = len(seen.resources), seen.tally.calls
                told(unit, planned - len(left), planned)


def _renew(scan: Scan, units: list[Unit]) -> bool:
    """Keep the leases that are still ours.  False when the scan was cancelled."""
    for fence in {unit.fence for unit in units}:
        mine = [unit.pk for unit in units if unit.fence == fence]
        held = Unit.objects.filter(pk__in=mine, fence=fence, state=Unit.State.RUNNING)
        held.filter(leased_until__lt=Now() + LEASE - RENEWED).update(leased_until=Now() + LEASE)
    return Scan.objects.filter(pk=scan.pk, cancelled_at=None, state=Scan.State.RUNNING).exists()


def _preview(scan: Scan, seen: core.Gathered) -> Iterator[dict[str, Any]]:
    of_kind: dict[str, list[Any]] = {}
    for resource in seen.resources:
        of_kind.setdefault(resource.kind, []).append(resource)
    estate = Estate(
        scan.account.ref, scan.asked_at, lambda kind: of_kind.get(kind, []), seen.gaps, accounts.trusted(scan.account)
    )
    for resource, check, verdict in core.preview(seen, estate, Provider(scan.account.provider)):
        yield {
            "check": check.id,
            "severity": int(verdict.severity or check.severity),
            "ref": resource.ref,
            "name": resource.name,
            "sentence": verdict.sentence,
        }


def _publish(scan: Scan, clock: Clock) -> None:
    unfinished = Unit.objects.filter(scan=OuterRef("pk")).exclude(state=Unit.State.DONE)
    if not Scan.objects.filter(~Exists(unfinished), pk=scan.pk, planned=True).exists() or not _lease(
        scan, planned=True
    ):
        return
    try:
        publish.publish(scan, now=clock(), trusted=accounts.trusted(scan.account))
    except BaseException:
        Scan.objects.filter(pk=scan.pk, fence=scan.fence).update(leased_until=None)
        raise


def _fail(scan: Scan, sentence: str, now: datetime) -> None:
    Scan.objects.filter(pk=scan.pk, fence=scan.fence, state=Scan.State.RUNNING).update(
        state=Scan.State.FAILED, sentence=sentence, finished_at=now, leased_until=None
    )


def _give_up(scan: Scan, unit: Unit, now: datetime) -> None:
    sentence = f"Gave up: {ATTEMPTS} attempts at {unit} broke off. The worker's log says why; nothing was published."
    Scan.objects.filter(pk=scan.pk, state=Scan.State.RUNNING).update(
        state=Scan.State.FAILED, sentence=sentence, finished_at=now, leased_until=None
    )
