"""Asking for a scan, cancelling and resuming it.  Working on one is in `work`."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from posture.models import Account, Person, Scan, StagedResource, Unit
from posture.runtime.mistakes import Mistake


class AlreadyRunning(Exception):
    """A scan of the account is under way; `scan` is that one."""

    def __init__(self, scan: Scan) -> None:
        super().__init__(f"A scan of {scan.account} is already {scan.state}.")
        self.scan = scan


def ask(
    *,
    account: Account,
    cause: str,
    now: datetime,
    by: Person | None = None,
    regions: list[str] | None = None,
    services: list[str] | None = None,
) -> Scan:
    """A new scan, waiting.  Raises AlreadyRunning: two scans of one account never run together.

    Raises Mistake for an account that left its organisation; an archive of it may still be audited.
    """
    if account.left_at and cause != "archive":
        raise Mistake(f"{account} left its organisation on {account.left_at:%Y-%m-%d}: it is kept, and not scanned.")
    try:
        with transaction.atomic():
            StagedResource.objects.filter(unit__scan__account=account).exclude(
                unit__scan__state__in=Scan.ACTIVE
            ).delete()
            return Scan.objects.create(
                account=account, cause=cause, asked_by=by, asked_at=now, regions=regions or [], services=services or []
            )
    except IntegrityError:
        running = Scan.objects.filter(account=account, state__in=Scan.ACTIVE).select_related("account").first()
        if running is None:  # it ended in this very moment
            return ask(account=account, cause=cause, now=now, by=by, regions=regions, services=services)
        raise AlreadyRunning(running) from None


def cancel(*, scan: Scan, now: datetime) -> bool:
    """Stop a scan.  What its finished units saw is kept aside until the next scan, so that it can be resumed."""
    ended = Scan.objects.filter(pk=scan.pk, state__in=Scan.ACTIVE).update(
        state=Scan.State.FAILED,
        cancelled_at=now,
        finished_at=now,
        leased_until=None,
        sentence="Cancelled: nothing of it was published. It can be resumed until the account is scanned anew.",
    )
    return bool(ended)


def resume(*, scan: Scan, now: datetime) -> Scan:
    """Go on with a cancelled scan where it stopped; any other is asked for anew.  Raises AlreadyRunning."""
    newest = Scan.objects.filter(account=scan.account).order_by("-asked_at").first()
    if scan.cancelled_at is None or newest != scan or scan.account.left_at:
        return ask(
            account=scan.account,
            cause=scan.cause,
            now=now,
            by=scan.asked_by,
            regions=scan.regions,
            services=scan.services,
        )
    with transaction.atomic():
        scan.units.filter(state=Unit.State.RUNNING).update(
            state=Unit.State.WAITING, fence=F("fence") + 1, leased_until=None
        )
        Scan.objects.filter(pk=scan.pk).update(
            state=Scan.State.RUNNING if scan.planned else Scan.State.WAITING,
            cancelled_at=None,
            finished_at=None,
            sentence="",
            fence=F("fence") + 1,
        )
    scan.refresh_from_db()
    return scan


def unattended() -> list[int]:
    """Ids of scans that have work nobody is doing."""
    silent = Unit.objects.filter(scan=OuterRef("pk"), state=Unit.State.RUNNING, leased_until__gte=Now())
    waiting = Unit.objects.filter(scan=OuterRef("pk"), state=Unit.State.WAITING)
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    scans = Scan.objects.filter(free, Exists(waiting) | ~Exists(silent), state__in=Scan.ACTIVE)
    return list(scans.values_list("id", flat=True))
