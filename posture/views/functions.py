"""Functions: the list by danger, and the page of one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponseBase
from django.shortcuts import render

from posture.models import Resource
from posture.models.findings import Outcome, State, Transition
from posture.queries import estates, function_page, functions, moments, settings_seen, variables
from posture.queries.clouds import RUNS
from posture.queries.finding_pages import WrongPlace
from posture.queries.function_asked import AskedPage
from posture.views.request import MemberRequest
from posture.views.shell import accounts_chosen, as_of


def page(request: MemberRequest) -> HttpResponseBase:
    at, q = as_of(request), request.GET.get("q", "")
    place = request.GET.get("after") or request.GET.get("before") or ""
    try:
        found = functions.page(request.user, accounts_chosen(request), at, q=q, after=place)
    except WrongPlace:
        raise BadRequest("No such page") from None
    looking = f"?{urlencode({'as_of': moments.exact(at)})}" if at else ""
    return render(request, "functions/list.html", {"page": found, "narrowed": bool(q), "looking": looking})


def detail(request: MemberRequest, function: int) -> HttpResponseBase:
    try:
        found = settings_seen.find(request.user, function)
    except Resource.DoesNotExist:
        raise Http404 from None
    at = as_of(request)
    known = settings_seen.versions(found)
    shown = settings_seen.version_at(known, at)
    if found.kind not in RUNS or shown is None:
        raise Http404
    context: dict[str, Any] = {"resource": found, "at": at, "shown": shown, "versions": known}
    context["looking"] = f"?{urlencode({'as_of': moments.exact(at)})}" if at else ""
    try:
        made = function_page.page(request.user, found, at, paths=request.GET.get("paths") == "yes")
    except estates.NotScanned:
        raise Http404 from None
    if made is None:
        return render(request, "functions/gone.html", context)
    mine = settings_seen.findings(request.user, found, at)
    body = settings_seen.bodies(found, [shown]).get(shown.since_at, {})
    context |= {
        "made": made,
        "asked": isinstance(made, AskedPage),
        "failing": [f for f in mine if f.lost or (f.state_number == State.OPEN and f.outcome_number == Outcome.FAIL)],
        "unknown": [f for f in mine if f.state_number == State.OPEN and f.outcome == "unknown" and not f.lost],
        "history": [f for f in mine if f.transition in (Transition.RESOLVED, Transition.GONE)][:50],
        "role_findings": function_page.findings_of_role(request.user, made, at),
        "variables": variables.variables(found, body),
    }
    return render(request, "functions/detail.html", context)
