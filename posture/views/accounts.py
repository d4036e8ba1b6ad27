"""Accounts: the list, one of them, connecting, changing and removing."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from posture.actions import accounts as actions
from posture.actions import entry
from posture.forms.accounts import CHANGING, CONNECTING
from posture.models import Account
from posture.models.accounts import new_external_id
from posture.queries import accounts, coverage, organisations, permissions, preflights, scans
from posture.queries.clouds import CLOUDS, Cloud, azure, gcp
from posture.runtime.mistakes import Mistake
from posture.views import asked
from posture.views.preflights import tried_soon
from posture.views.request import MemberRequest
from posture.views.schedules import spoken
from posture.views.shell import address
from scanners.model import Provider
from scanners.scan import permissions as needed

EXTERNAL_ID, IDENTITY = "external_id", "identity"  # kept with the person's session until an account is connected
pretty = partial(json.dumps, indent=2)
SOMEBODY = "ARN-OF-THE-IDENTITY-THAT-POSTURE-RUNS-AS"


def page(request: MemberRequest) -> HttpResponseBase:
    context = {
        "page": accounts.page(request.user, **asked.place(request)),
        "organisations": organisations.listed(request.user),
        "may_connect": request.user.may("admin"),
        "clouds": _choice(Provider.AWS),
    }
    return render(request, "accounts/list.html", context)


def detail(request: MemberRequest, account: int) -> HttpResponseBase:
    found = get_object_or_404(accounts.listed(request.user), pk=account)
    row = accounts.rows(request.user, [found])[0]
    context = {
        "row": row,
        "findings_of": f"{href}?account={found.pk}" if (href := address("findings")) else "",
        "spoken": spoken(row.schedule),
        "may_scan": request.user.may("analyst"),
        "may_connect": request.user.may("admin"),
        "history": scans.history(request.user, accounts=[found.pk]).rows[:10],
        "refused": coverage.refused(request.user, found),
        "preflight": preflights.of_account(found).first(),
        "cloud": CLOUDS[found.provider],
    }
    return render(request, "accounts/detail.html", context)


def connect(request: MemberRequest, cloud: str = Provider.AWS) -> HttpResponseBase:
    """The ExternalId is made here and kept in the session: a person can neither choose nor change it."""
    if cloud not in CONNECTING:
        raise Http404
    external_id: str = request.session.setdefault(EXTERNAL_ID, new_external_id())
    form = CONNECTING[cloud](request.POST or None, initial={"group": actions.group().pk})
    if request.method == "POST" and form.is_valid():
        try:
            wanted = Account(provider=cloud, external_id=external_id, **form.given())
            account = actions.connect(account=wanted, now=timezone.now())
        except Mistake as mistake:
            form.add_error(None, str(mistake))
        else:
            del request.session[EXTERNAL_ID]
            messages.success(request, f"{account} is connected. Every call of a scan is tried once before the first.")
            return tried_soon(request, account)
    find_out_who_we_are(request)
    context = {"form": form, "cloud": CLOUDS[cloud], "chosen": cloud, "clouds": _choice(cloud)}
    return render(request, f"accounts/connect_{cloud}.html", {**context, **SETUP[cloud](request, external_id)})


def _choice(chosen: str) -> list[tuple[str, Cloud, bool]]:
    """(address, what is connected there, whether that is this page)."""
    first = Provider.AWS
    return [
        (reverse("account_new") if one == first else reverse("account_new_in", args=[one]), words, one == chosen)
        for one, words in CLOUDS.items()
    ]


def find_out_who_we_are(request: MemberRequest) -> None:
    """When the person asks for it: `?who=1`."""
    if "who" not in request.GET:
        return
    try:
        request.session[IDENTITY] = permissions.principal(entry.tried(Account(provider=Provider.AWS)).arn)
    except Mistake as mistake:
        messages.error(request, str(mistake))


def setup(request: MemberRequest, external_id: str) -> dict[str, Any]:
    """What the person pastes into their account."""
    trusted = request.session.get(IDENTITY, "")
    return {
        "external_id": external_id,
        "identity": trusted,
        "trust": pretty(permissions.trust(trusted or SOMEBODY, external_id)),
        "policies": [pretty(policy) for policy in permissions.documents()],
        "cloudformation": pretty(permissions.cloudformation(trusted or SOMEBODY, external_id)),
        "commands": permissions.commands(trusted or SOMEBODY, external_id),
    }


def setup_gcp(request: MemberRequest, external_id: str) -> dict[str, Any]:
    """What the person makes in their project."""
    whole = needed(Provider.GCP)
    return {
        "role": gcp.written(gcp.role(gcp.in_project(whole))),
        "role_above": gcp.written(gcp.role(whole)),
        "commands": gcp.commands(),
        "commands_above": gcp.commands_above(),
    }


def setup_azure(request: MemberRequest, external_id: str) -> dict[str, Any]:
    """What the person makes in their subscription and its directory."""
    whole = needed(Provider.AZURE)
    return {
        "role": azure.written(azure.role(whole)),
        "commands": azure.commands(),
        "consents": azure.consents(whole)["ApplicationPermissions"],
        "consent": azure.consent(whole),
    }


SETUP: dict[str, Callable[[MemberRequest, str], dict[str, Any]]] = {
    Provider.AWS: setup,
    Provider.GCP: setup_gcp,
    Provider.AZURE: setup_azure,
}


def edit(request: MemberRequest, account: int) -> HttpResponseBase:
    found = get_object_or_404(accounts.listed(request.user), pk=account)
    form = CHANGING[found.provider](request.POST or None, account=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(account=found, **form.given())
        except Mistake as mistake:
            form.add_error(None, str(mistake))
        else:
            messages.success(request, "Saved.")
            return redirect("account", account=found.pk)
    return render(
        request,
        "accounts/edit.html",
        {"nav": "accounts", "form": form, "account": found, "cloud": CLOUDS[found.provider]},
    )


def remove(request: MemberRequest, account: int) -> HttpResponseBase:
    found = get_object_or_404(accounts.listed(request.user), pk=account)
    actions.remove(account=found)
    messages.success(request, f"{found} and all that was known of it is gone.")
    return redirect("accounts")


def remove_sample(request: MemberRequest) -> HttpResponseBase:
    actions.remove_sample()
    messages.success(request, "The sample data is gone.")
    return redirect("accounts")
