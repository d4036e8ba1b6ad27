"""Schedules: cron with a time zone.  Whoever moves a schedule's due time forward owns that tick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from django.db.models import QuerySet

from posture.actions import scans
from posture.models import Account, Organisation, OrganisationSchedule, Scan, Schedule
from posture.models.scans import Clock
from posture.runtime.mistakes import Mistake

FIELDS = 5
S = TypeVar("S", bound=Clock)


def next_tick(cron: str, timezone: str, after: datetime) -> datetime:
    """The first time after `after` that the expression names in that zone, in UTC.  Raises Mistake."""
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise Mistake(f"“{timezone}” is no time zone: write one like Europe/Berlin or UTC.") from None
    try:
        if len(cron.split()) != FIELDS:  # with a sixth, of seconds, an account would be scanned without end
            raise CronSimError("Wrong number of fields")
        return next(CronSim(cron, after.astimezone(zone))).astimezone(UTC)
    except CronSimError as wrong:
        raise Mistake(
            f"“{cron}” is no cron expression ({wrong}): write minute hour day month weekday, like 0 3 * * *."
        ) from None
    except StopIteration:
        raise Mistake(f"“{cron}” never comes: no such day exists.") from None


def set_schedule(*, account: Account, cron: str, timezone: str, now: datetime) -> Schedule:
    due = next_tick(cron, timezone, now)
    schedule, _ = Schedule.objects.update_or_create(
        account=account, defaults={"cron": cron, "timezone": timezone, "due_at": due, "paused": False}
    )
    return schedule


def set_for_all(*, organisation: Organisation, cron: str, timezone: str, now: datetime) -> OrganisationSchedule:
    """When all accounts of an organisation are scanned."""
    due = next_tick(cron, timezone, now)
    schedule, _ = OrganisationSchedule.objects.update_or_create(
        organisation=organisation, defaults={"cron": cron, "timezone": timezone, "due_at": due, "paused": False}
    )
    return schedule


def unset_for_all(*, organisation: Organisation) -> None:
    OrganisationSchedule.objects.filter(organisation=organisation).delete()


def pause(*, schedule: Schedule) -> None:
    Schedule.objects.filter(pk=schedule.pk).update(paused=True)


def unpause(*, schedule: Schedule, now: datetime) -> None:
    """Go on from now: ticks that passed meanwhile are not made up for."""
    due = next_tick(schedule.cron, schedule.timezone, now)
    Schedule.objects.filter(pk=schedule.pk).update(paused=False, due_at=due)


def tick(*, now: datetime) -> list[Scan]:
    """Ask for the scans that are due.  Ticks that were missed count as one; of two schedulers one gets each tick."""
    asked = []
    due = Schedule.objects.filter(account__left_at=None).select_related("account")
    for schedule in _ours(due, now):
        try:
            asked.append(scans.ask(account=schedule.account, cause="schedule", now=now))
        except scans.AlreadyRunning:
            continue  # the running scan serves this tick as well
    return asked


def tick_organisations(*, now: datetime) -> list[int]:
    """Ids of organisations whose tick has come.  It stands in their row until its scans have been asked for."""
    ids = []
    for schedule in _ours(OrganisationSchedule.objects.all(), now):
        Organisation.objects.filter(pk=schedule.organisation_id).update(due_at=now)
        ids.append(schedule.organisation_id)
    return ids


def _ours(schedules: QuerySet[S], now: datetime) -> Iterator[S]:
    """Those whose tick has come, moved forward to the next.  Of two who look, one gets each."""
    for schedule in schedules.filter(paused=False, due_at__lte=now):
        due = next_tick(schedule.cron, schedule.timezone, now)
        still = schedules.model._default_manager.filter(pk=schedule.pk, due_at=schedule.due_at)
        if still.update(due_at=due, last_at=now):
            yield schedule
