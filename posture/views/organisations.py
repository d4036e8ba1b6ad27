"""Organisations: connected once, with accounts that come and go by themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from posture.actions import accounts as account_actions
from posture.actions import bell, preflights, schedules
from posture.actions import organisations as actions
from posture.forms.organisations import CHANGING, CONNECTING
from posture.forms.schedules import USUAL, ScheduleForm, zones
from posture.models import Organisation, OrganisationSchedule
from posture.models.accounts import new_external_id
from posture.queries import accounts, organisations
from posture.queries.clouds import CLOUDS, Cloud, azure, gcp
from posture.queries.preflights import newest
from posture.runtime.mistakes import Mistake
from posture.views import asked
from posture.views.accounts import find_out_who_we_are, setup
from posture.views.request import MemberRequest
from scanners import scan as core
from scanners.model import Provider

EXTERNAL_ID = "organisation_external_id"  # kept with the person's session until one is connected


def connect(request: MemberRequest, cloud: str = Provider.AWS) -> HttpResponseBase:
    if cloud not in CONNECTING:
        raise Http404
    external_id: str = request.session.setdefault(EXTERNAL_ID, new_external_id())
    form = CONNECTING[cloud](request.POST or None, initial={"group": account_actions.group().pk})
    if request.method == "POST" and form.is_valid():
        try:
            wanted = Organisation(provider=cloud, external_id=external_id, **form.given())
            made = actions.connect(organisation=wanted, now=timezone.now())
        except Mistake as mistake:
            form.add_error(None, str(mistake))
        else:
            del request.session[EXTERNAL_ID]
            word = CLOUDS[cloud].account
            messages.success(request, f"{made} is connected, with {made.accounts.count()} {word}s.")
            return redirect("organisation", organisation=made.pk)
    find_out_who_we_are(request)
    context = {"form": form, "cloud": CLOUDS[cloud], "clouds": _choice(cloud), **SETUP[cloud](request, external_id)}
    return render(request, f"accounts/connect_organisation_{cloud}.html", context)


def _choice(chosen: str) -> list[tuple[str, Cloud, bool]]:
    """(address, what is connected there, whether that is this page)."""
    return [
        (
            reverse("organisation_new") if one == Provider.AWS else reverse("organisation_new_in", args=[one]),
            words,
            one == chosen,
        )
        for one, words in CLOUDS.items()
    ]


def setup_gcp(request: MemberRequest, external_id: str) -> dict[str, Any]:
    """What the person makes in their organisation."""
    return {
        "role": gcp.written(gcp.role(_needed(Provider.GCP))),
        "commands": gcp.commands_for_all(),
        "commands_folder": gcp.bind_folder(),
    }


def setup_azure(request: MemberRequest, external_id: str) -> dict[str, Any]:
    """What the person makes in their management group and its directory."""
    whole = _needed(Provider.AZURE)
    return {
        "role": azure.written(azure.role(whole, azure.GROUP)),
        "commands": azure.commands(azure.GROUP),
        "consents": azure.consents(whole)["ApplicationPermissions"],
        "consent": azure.consent(whole),
    }


def _needed(provider: Provider) -> list[str]:
    return sorted({*core.permissions(provider), *core.family_permissions(provider)})


SETUP: dict[str, Callable[[MemberRequest, str], dict[str, Any]]] = {
    Provider.AWS: setup,
    Provider.GCP: setup_gcp,
    Provider.AZURE: setup_azure,
}


def detail(request: MemberRequest, organisation: int) -> HttpResponseBase:
    found = _found(request, organisation)
    schedule, page = _schedule(found), accounts.page(request.user, found.pk, **asked.place(request))
    tried = newest([row.account.pk for row in page.rows])
    context = {
        "organisation": found,
        "cloud": CLOUDS[found.provider],
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
        messages.error(
            request, f"The list of {CLOUDS[found.provider].account}s could not be read: all stays as it was."
        )
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
    form = CHANGING[found.provider](request.POST or None, organisation=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(organisation=found, **form.given())
        except Mistake as mistake:
            form.add_error(None, str(mistake))
        else:
            messages.success(request, "Saved.")
            return redirect("organisation", organisation=found.pk)
    context = {"nav": "accounts", "form": form, "organisation": found, "cloud": CLOUDS[found.provider]}
    return render(request, "accounts/organisation_edit.html", context)


def remove(request: MemberRequest, organisation: int) -> HttpResponseBase:
    found = _found(request, organisation)
    actions.remove(organisation=found)
    messages.success(request, f"{found} is gone, and so is all that was known of the accounts that came with it.")
    return redirect("accounts")
