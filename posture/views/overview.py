"""The overview: what is open, what is new, what could not be seen."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from posture.actions.looks import look
from posture.models import Account, Scan
from posture.models.findings import Outcome
from posture.queries import overview, scans, trends
from posture.views.asked import live
from posture.views.request import MemberRequest
from posture.views.shell import accounts_chosen, accounts_of, as_of


@vary_on_headers("HX-Request", "HX-Target")
def page(request: MemberRequest) -> HttpResponseBase:
    at, chosen = as_of(request), accounts_chosen(request)
    accounts = [account for account in accounts_of(request) if account.pk in chosen or not chosen]
    if not accounts:
        return render(request, "overview/empty.html", {"in_groups": request.user.account_groups.exists()})
    first = _first_scan(request, accounts)
    if live(request):
        return render(request, "overview/_live.html", _so_far(first)) if first else _reload()
    if first:
        return render(request, "overview/first.html", _so_far(first))
    return render(request, "overview/list.html", _standing(request, accounts, chosen) | {"at": at})


def _standing(request: MemberRequest, accounts: list[Account], chosen: tuple[int, ...]) -> dict[str, Any]:
    at, now, person = as_of(request), timezone.now(), request.user
    since = None if at else look(person=person, now=now)
    trend = trends.trend(accounts, at or now)
    lines = overview.lines(person, accounts, trend, at)
    blind = overview.blind(person, chosen, at)
    return {
        "grades": overview.grades(trend),
        "failing": trend.now(Outcome.FAIL),
        "unknown": trend.now(Outcome.UNKNOWN),
        "points": trend.points(),
        "span": trend.span,
        "several": len(accounts) > 1,
        "news": overview.news(person, accounts, since) if since else None,
        "worst": overview.worst(person, chosen, at),
        "blind": blind[: overview.BLIND],
        "more_blind": len(blind[overview.BLIND :]),
        "lines": lines[: overview.ACCOUNTS],
        "more_lines": len(lines[overview.ACCOUNTS :]),
        "scopes": sum(line.scopes for line in lines),
        "unread": sum(line.unread for line in lines),
        "published": bool(trend.latest),
    }


def _first_scan(request: MemberRequest, accounts: list[Account]) -> Scan | None:
    """The scan under way, as long as nothing was published that could be shown instead."""
    if any(account.published_at for account in accounts) or request.GET.get("as_of"):
        return None
    mine = {account.pk for account in accounts}
    return next((scan for scan in scans.active(request.user) if scan.account_id in mine), None)


def _so_far(scan: Scan) -> dict[str, Any]:
    services = scans.services(scan)
    return {"scan": scan, "preview": scans.seen_so_far(scan), "whole": scans.whole(services), "now": timezone.now()}


def _reload() -> HttpResponse:
    """The first scan has ended: the page is asked for anew, as a whole."""
    return HttpResponse(headers={"HX-Refresh": "true"})
