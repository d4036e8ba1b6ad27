"""Whether we may ask an account what a scan asks: tried, and told with the policy that mends it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from posture.actions import bell
from posture.actions import preflights as actions
from posture.models import Account, Preflight
from posture.queries import accounts, preflights
from posture.queries.clouds import CLOUDS
from posture.views.asked import live
from posture.views.request import MemberRequest


@vary_on_headers("HX-Request", "HX-Target")
def page(request: MemberRequest, account: int) -> HttpResponseBase:
    """The newest, or the one of `?of=`; a POST asks for another."""
    found = get_object_or_404(accounts.listed(request.user), pk=account)
    if request.method == "POST":
        return tried_soon(request, found)
    history = list(preflights.of_account(found)[: actions.KEPT])
    wanted = request.GET.get("of", "")
    shown = next((one for one in history if str(one.pk) == wanted), history[0] if history else None)
    cloud = CLOUDS[found.provider]
    context: dict[str, Any] = {"account": found, "cloud": cloud, "preflight": shown, "history": history}
    if live(request):
        if shown is None or not shown.active:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "accounts/_access_live.html", context)
    context |= {
        "row": accounts.rows(request.user, [found])[0],
        "may_scan": request.user.may("analyst") and not found.left_at,
    }
    if shown and shown.state == Preflight.State.DONE:
        context["told"] = told = preflights.of(shown)
        context["policies"] = [cloud.written(policy) for policy in told.policies]
        context["lines"] = "\n".join(f"{one.call} {one.region} {one.code} {one.why}".strip() for one in told.refused)
    return render(request, "accounts/access.html", context)


def tried_soon(request: MemberRequest, account: Account) -> HttpResponseBase:
    """A worker tries every call once; its page shows how far that is."""
    preflight = actions.ask(account=account, by=request.user, now=timezone.now())
    transaction.on_commit(lambda: bell.ring(preflight))
    return redirect("account_access", account=account.pk)
