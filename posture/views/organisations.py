"""Organisations: connected once, with accounts that come and go by themselves."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from posture.actions import accounts as account_actions
from posture.actions import bell, preflights, schedules
from posture.actions import organisations as actions
from posture.forms.accounts import MemberRole, OrganisationForm
from posture.forms.schedules import USUAL, ScheduleForm, zones
from posture.models import Organisation, OrganisationSchedule
from posture.models.accounts import new_external_id
from posture.queries import accounts, organisations
from posture.queries.permissions import ROLE_NAME
from posture.queries.preflights import newest
from posture.runtime.mistakes import Mistake
from posture.views import asked
from posture.views.accounts import find_out_who_we_are, setup
from posture.views.request import MemberRequest

EXTERNAL_ID = "organisation_external_id"  # kept with the person's session until one is connected


def connect(request: MemberRequest) -> HttpResponseBase:
    external_id: str = request.session.setdefault(EXTERNAL_ID, new_external_id())
    usual = {"group": account_actions.group().pk, "member_role": ROLE_NAME}
    form = OrganisationForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        try:
            given = {name: form.cleaned_data[name] for name in ("name", "role_arn", "member_role", "group")}
            made = actions.connect(external_id=external_id, now=timezone.now(), **given)
        except Mistake as mistake:
            form.add_error(None, str(mistake))
        else:
            del request.session[EXTERNAL_ID]
            messages.success(request, f"{made} is connected, with {made.accounts.count()} accounts.")
            return redirect("organisation", organisation=made.pk)
    find_out_who_we_are(request)
    context = {"form": form, **setup(request, external_id)}
    return render(request, "accounts/connect_organisation.html", context)


def detail(request: MemberRequest, organisation: int) -> HttpResponseBase:
    found = _found(request, organisation)
    schedule, page = _schedule(found), accounts.page(request.user, found.pk, **asked.place(request))
    tried = newest([row.account.pk for row in page.rows])
    context = {
        "organisation": found,
        "page": page,
        "rows": [(row, tried.get(row.account.pk)) for row in page.rows],
        "schedule": schedule,
        "spoken": USUAL.get(schedule.cron, schedule.cron) if schedule else "",
        "may_scan": request.user.may("analyst"),
        "may_connect": request.user.may("admin"),
    }
    return render(request, "accounts/organisation.html", context)


def _found(request: MemberRequest, organisation: int) -> Organisation:
    return get_object_or_404(organisations.listed(request.user), pk=organisation)


def _schedule(organisation: Organisation) -> OrganisationSchedule | None:
    return OrganisationSchedule.objects.filter(organisation=organisation).first()


def refresh(request: MemberRequest, organisation: int) -> HttpResponseBase:
    found = _found(request, organisation)
    change = actions.refresh(organisation=found, now=timezone.now())
    if found.gap:
        messages.error(request, "The list of accounts could not be read: all stays as it was.")
    elif change.joined or change.left:
        messages.success(request, f"{len(change.joined)} joined, {len(change.left)} left.")
    else:
        messages.success(request, "Nobody joined and nobody left.")
    return redirect("organisation", organisation=found.pk)


def scan(request: MemberRequest, organisation: int) -> HttpResponseBase:
    """Look who is there, then scan all of them."""
    found = _found(request, organisation)
    actions.refresh(organisation=found, now=timezone.now())
    asked_for, running = actions.scan_all(organisation=found, cause="person", by=request.user, now=timezone.now())
    for one in asked_for:
        transaction.on_commit(partial(bell.ring, one))
    if running:
        messages.info(request, f"{len(running)} of its accounts were being scanned already.")
    return redirect("scans")


def check(request: MemberRequest, organisation: int) -> HttpResponseBase:
    """Whether we may ask what a scan asks, in each of its accounts."""
    found = _found(request, organisation)
    for account in found.accounts.filter(left_at=None):
        preflight = preflights.ask(account=account, by=request.user, now=timezone.now())
        transaction.on_commit(partial(bell.ring, preflight))
    messages.success(request, "Access is being checked in each of its accounts: each one's page tells the result.")
    return redirect("organisation", organisation=found.pk)


def schedule(request: MemberRequest, organisation: int) -> HttpResponseBase:
    """One time for all of its accounts."""
    found = _found(request, organisation)
    there = _schedule(found)
    form = ScheduleForm(request.POST or None, schedule=there)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("cron", "timezone")}
        schedules.set_for_all(organisation=found, now=timezone.now(), **given)
        messages.success(request, f"All accounts of {found} are scanned as you said from now on.")
        return redirect("organisation", organisation=found.pk)
    context = {"nav": "accounts", "organisation": found, "schedule": there, "form": form, "zones": zones()}
    return render(request, "accounts/organisation_schedule.html", context)


def unschedule(request: MemberRequest, organisation: int) -> HttpResponseBase:
    found = _found(request, organisation)
    schedules.unset_for_all(organisation=found)
    messages.success(request, f"{found} is scanned only when somebody asks.")
    return redirect("organisation", organisation=found.pk)


def edit(request: MemberRequest, organisation: int) -> HttpResponseBase:
    found = _found(request, organisation)
    form = MemberRole(request.POST or None, initial={"name": found.name, "member_role": found.member_role})
    if request.method == "POST" and form.is_valid():
        actions.change(organisation=found, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("organisation", organisation=found.pk)
    context = {"nav": "accounts", "form": form, "organisation": found}
    return render(request, "accounts/organisation_edit.html", context)


def remove(request: MemberRequest, organisation: int) -> HttpResponseBase:
    found = _found(request, organisation)
    actions.remove(organisation=found)
    messages.success(request, f"{found} is gone, and so is all that was known of the accounts that came with it.")
    return redirect("accounts")
