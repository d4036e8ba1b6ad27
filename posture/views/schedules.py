"""When accounts are scanned."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from posture.actions import schedules as actions
from posture.forms.schedules import USUAL, ScheduleForm, zones
from posture.models import Schedule
from posture.queries import accounts, visible
from posture.runtime.mistakes import Mistake
from posture.views import asked
from posture.views.request import MemberRequest

TICKS = 5


def page(request: MemberRequest) -> HttpResponseBase:
    found = accounts.page(request.user, **asked.place(request))
    rows = [(row, spoken(row.schedule), local_ticks(row.schedule, 1)) for row in found.rows]
    scheduled = visible.schedules(request.user)
    context = {"page": found, "rows": rows, "on": scheduled.filter(paused=False).count()}
    context["may_scan"] = request.user.may("analyst")
    return render(request, "schedules/list.html", {**context, "paused": scheduled.filter(paused=True).count()})


def spoken(schedule: Schedule | None) -> str:
    return USUAL.get(schedule.cron, schedule.cron) if schedule else ""


def local_ticks(schedule: Schedule | None, most: int) -> list[tuple[datetime, str]]:
    """The next times, each also as the clocks of the schedule's own zone show it."""
    if schedule is None or schedule.paused:
        return []
    ticks = [schedule.due_at]
    try:
        while len(ticks) < most:
            ticks.append(actions.next_tick(schedule.cron, schedule.timezone, ticks[-1]))
        zone = ZoneInfo(schedule.timezone)
    except (Mistake, KeyError, ValueError):  # an older time zone database on this machine
        return [(ticks[0], f"{ticks[0]:%a %d %b %Y, %H:%M} UTC")]
    return [(tick, f"{tick.astimezone(zone):%a %d %b %Y, %H:%M %Z}") for tick in ticks]


def detail(request: MemberRequest, account: int) -> HttpResponseBase:
    """The schedule of an account: made here, changed here."""
    found = get_object_or_404(accounts.listed(request.user), pk=account)
    schedule = visible.schedules(request.user).filter(account=found).first()
    form = ScheduleForm(request.POST or None, schedule=schedule)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("cron", "timezone")}
        actions.set_schedule(account=found, now=timezone.now(), **given)
        messages.success(request, f"{found} is scanned as you said from now on.")
        return redirect("schedule", account=found.pk)
    context = {"account": found, "schedule": schedule, "form": form, "zones": zones(), "spoken": spoken(schedule)}
    return render(request, "schedules/detail.html", {**context, "ticks": local_ticks(schedule, TICKS)})


def pause(request: MemberRequest, account: int) -> HttpResponseBase:
    schedule = get_object_or_404(visible.schedules(request.user), account=account)
    actions.pause(schedule=schedule)
    return redirect("schedule", account=account)


def unpause(request: MemberRequest, account: int) -> HttpResponseBase:
    schedule = get_object_or_404(visible.schedules(request.user), account=account)
    actions.unpause(schedule=schedule, now=timezone.now())
    return redirect("schedule", account=account)
