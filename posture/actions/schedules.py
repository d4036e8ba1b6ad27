"""Schedules: cron with a time zone.  Whoever moves a schedule's due time forward owns that tick."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from posture.actions import scans
from posture.models import Account, Scan, Schedule
from posture.runtime.mistakes import Mistake

FIELDS = 5


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


def pause(*, schedule: Schedule) -> None:
    Schedule.objects.filter(pk=schedule.pk).update(paused=True)


def unpause(*, schedule: Schedule, now: datetime) -> None:
    """Go on from now: ticks that passed meanwhile are not made up for."""
    due = next_tick(schedule.cron, schedule.timezone, now)
    Schedule.objects.filter(pk=schedule.pk).update(paused=False, due_at=due)


def tick(*, now: datetime) -> list[Scan]:
    """Ask for the scans that are due.  Ticks that were missed count as one; of two schedulers one gets each tick."""
    asked = []
    for schedule in Schedule.objects.filter(paused=False, due_at__lte=now).select_related("account"):
        due = next_tick(schedule.cron, schedule.timezone, now)
        if Schedule.objects.filter(pk=schedule.pk, due_at=schedule.due_at).update(due_at=due, last_at=now):
            try:
                asked.append(scans.ask(account=schedule.account, cause="schedule", now=now))
            except scans.AlreadyRunning:
                continue  # the running scan serves this tick as well
    return asked
