"""Auditing an evidence archive: a scan whose units are read from a file, and which happened when it was collected.

One transaction from the first row to the publication: an archive that turns out to be cut off leaves nothing behind,
and no worker ever sees a waiting scan that it would take to the cloud.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DataError, transaction

from posture.actions import accounts, scans, work
from posture.models import Account, Scan, Unit
from posture.runtime.mistakes import Mistake
from posture.store import publish, staging
from scanners import scan as core
from scanners.collectors.cloud import Caller, Regions
from scanners.collectors.evidence import Header
from scanners.collectors.evidence_reader import DAMAGED, FOREIGN, Reader, Unusable

SKEW = timedelta(hours=1)  # that clocks of two machines may differ
Told = Callable[[Unit, int, int], None]


def audit(*, archive: Reader, account: Account | None, now: datetime, told: Told | None = None) -> Scan:
    """The published scan; `account` is the one it must be of.  Raises Unusable, AlreadyRunning, Mistake."""
    try:
        with transaction.atomic():
            scan = _asked(archive.header, account, now)
            _stage(scan, archive, told)
            if archive.seal is None or archive.seal.finished_at < archive.header.asked_at:
                raise Unusable(DAMAGED)
            publish.publish(scan, now=archive.seal.finished_at, trusted=accounts.trusted(scan.account))
    except DataError:  # a word longer than any that we would have written
        raise Unusable(DAMAGED) from None
    scan.refresh_from_db()
    return scan


def _asked(header: Header, account: Account | None, now: datetime) -> Scan:
    if not core.way_in(header.provider).ACCOUNT.fullmatch(header.account):
        raise Unusable(FOREIGN)
    if account and (account.provider, account.ref) != (header.provider, header.account):
        raise Mistake(f"That archive is of account {header.account}, not of {account.ref}.")
    if header.asked_at > now + SKEW:
        raise Mistake(f"That archive was collected at {header.asked_at:%Y-%m-%d %H:%M} UTC: set this machine's clock.")
    made = accounts.ambient(provider=header.provider, ref=header.account, partition=header.partition)
    account = Account.objects.select_for_update().get(pk=made.pk)
    last = account.published_scan
    if last and last.asked_at > header.asked_at:
        raise Mistake(
            f"That archive is of {header.asked_at:%Y-%m-%d %H:%M:%S} UTC, and {account} was scanned after that "
            f"({last.asked_at:%Y-%m-%d %H:%M:%S}): older evidence replaces no newer. Audit it in another POSTURE_HOME."
        )
    regions, services = list(header.regions), list(header.services)
    scan = scans.ask(account=account, cause="archive", now=header.asked_at, regions=regions, services=services)
    Scan.objects.filter(pk=scan.pk).update(
        state=Scan.State.RUNNING,
        planned=True,
        started_at=header.asked_at,
        caller=header.caller,
        summary=work.arrived(_arrival(header), regions or list(header.enabled)),
    )
    scan.refresh_from_db()
    return scan


def _arrival(header: Header) -> core.Arrival:
    who = Caller(header.account, header.partition, header.caller, header.provider)
    return core.Arrival(who, Regions(header.enabled, header.not_opted_in), header.gap)


def _stage(scan: Scan, archive: Reader, told: Told | None) -> None:
    for done, (seen, read_at) in enumerate(archive.units(), 1):
        unit = Unit.objects.create(
            scan=scan,
            region=seen.unit.region,
            service=seen.unit.service,
            state=Unit.State.RUNNING,
            started_at=archive.header.asked_at,
        )
        staging.stage(unit, seen, [])
        Unit.objects.filter(pk=unit.pk).update(finished_at=read_at)  # the evidence is as old as its reading
        if told:
            told(unit, done, archive.header.units)
