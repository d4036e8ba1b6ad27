"""The queue, the history and one scan; asking for one, cancelling and resuming it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from posture.actions import bell
from posture.actions import scans as actions
from posture.models import Account, Scan
from posture.queries import coverage, scans, visible
from posture.runtime.mistakes import Mistake
from posture.views import asked
from posture.views.asked import live
from posture.views.request import MemberRequest
from posture.views.shell import accounts_chosen, accounts_of, address


@vary_on_headers("HX-Request", "HX-Target")
def page(request: MemberRequest) -> HttpResponseBase:
    accounts = accounts_chosen(request)
    active = scans.active(request.user, accounts)
    ids = ",".join(str(scan.pk) for scan in active)
    if live(request):
        fragment = render(request, "scans/_active.html", {"active": active, "ids": ids})
        return fragment if ids == request.GET.get("live", "") else _reload()
    history = scans.history(
        request.user,
        accounts=accounts,
        state=request.GET.getlist("state"),
        cause=request.GET.getlist("cause"),
        **asked.place(request),
    )
    busy = {scan.account_id for scan in active}
    context = {
        "active": active,
        "ids": ids,
        "page": history,
        "facets": scans.facets(request.user, accounts),
        "may_scan": request.user.may("analyst"),
        "idle": [one for one in accounts_of(request) if one.pk not in busy and one.pk in (accounts or (one.pk,))],
    }
    return render(request, "scans/list.html", context)


@vary_on_headers("HX-Request", "HX-Target")
def detail(request: MemberRequest, scan: int) -> HttpResponseBase:
    found = get_object_or_404(scans.listed(request.user), pk=scan)
    if live(request) and not found.active:
        return _reload()
    services = scans.services(found)
    context: dict[str, Any] = {"scan": found, "services": services, "may_scan": request.user.may("analyst")}
    if found.active:
        whole, now = scans.whole(services), timezone.now()
        context |= {"whole": whole, "preview": scans.seen_so_far(found), "elapsed": scans.pace(found, whole, now)}
    elif found.state != Scan.State.FAILED:
        context |= {
            "changes": scans.changes(found),
            "refused": coverage.refused(request.user, found.account, found.finished_at),
            "findings_then": _with(address("findings"), account=found.account_id, as_of=found.pk),
        }
    return render(request, "scans/_live.html" if live(request) else "scans/detail.html", context)


def _with(href: str, **query: object) -> str:
    return f"{href}?{urlencode(query)}" if href else ""


def _reload() -> HttpResponse:
    """The page that polls is of another time: it is asked for anew, as a whole."""
    return HttpResponse(headers={"HX-Refresh": "true"})


def ask(request: MemberRequest, account: int) -> HttpResponseBase:
    """Scan now.  A scan that is under way already is as good: its page opens."""
    found = get_object_or_404(visible.accounts(request.user), pk=account)
    if found.left_at:
        messages.error(request, f"{found} left its organisation: it is kept as it was, and not scanned.")
        return redirect("account", account=found.pk)
    return redirect("scan", scan=asked_for(request, found).pk)


def asked_for(request: MemberRequest, account: Account) -> Scan:
    try:
        scan = actions.ask(account=account, cause="person", by=request.user, now=timezone.now())
    except actions.AlreadyRunning as running:
        messages.info(request, str(running))
        return running.scan
    transaction.on_commit(lambda: bell.ring(scan))
    return scan


def cancel(request: MemberRequest, scan: int) -> HttpResponseBase:
    found = get_object_or_404(visible.scans(request.user), pk=scan)
    if not actions.cancel(scan=found, now=timezone.now()):
        messages.info(request, "The scan had ended before it could be cancelled.")
    return redirect("scan", scan=found.pk)


def resume(request: MemberRequest, scan: int) -> HttpResponseBase:
    """Go on with a cancelled scan, or ask anew for one that failed."""
    found = get_object_or_404(visible.scans(request.user).select_related("account"), pk=scan)
    if found.active:
        return redirect("scan", scan=found.pk)
    try:
        resumed = actions.resume(scan=found, now=timezone.now())
    except Mistake as mistake:
        messages.error(request, str(mistake))
        return redirect("scan", scan=found.pk)
    except actions.AlreadyRunning as running:
        messages.info(request, str(running))
        return redirect("scan", scan=running.scan.pk)
    transaction.on_commit(lambda: bell.ring(resumed))
    return redirect("scan", scan=resumed.pk)
