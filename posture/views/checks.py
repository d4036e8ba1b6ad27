"""The catalogue: every check, and one with what it says now."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from posture.forms.checks import CheckFilters, ResultFilters
from posture.models.findings import Outcome
from posture.queries import checks, findings
from posture.queries.clouds import CLOUDS
from posture.queries.finding_facets import spoken
from posture.queries.finding_pages import DEFAULT, WrongPlace
from posture.queries.finding_question import Question
from posture.views.asked import place
from posture.views.request import MemberRequest
from posture.views.shell import accounts_chosen, as_of
from scanners.catalog import frameworks
from scanners.checks.registry import checks as registered
from scanners.scan import permissions_of

TABS = {"fail": "Failed", "unknown": "Unknown", "pass": "Passed", "not_applicable": "Not applicable"}


def page(request: MemberRequest) -> HttpResponseBase:
    filters = CheckFilters(request.GET)
    if not filters.is_valid():
        raise BadRequest("Unknown filter")
    asked = filters.asked()
    rows = checks.rows(request.user, asked, filters.order, accounts_chosen(request), as_of(request))
    context = {
        "rows": [(row, [spoken(kind) for kind in row.check.kinds]) for row in rows],
        "facets": checks.facets(asked),
        "total": len(registered()),
        "failing": sum(1 for row in rows if row.fail),
        "blind": sum(1 for row in rows if row.blind),
    }
    return render(request, "checks/list.html", context)


@vary_on_headers("HX-Request")
def detail(request: MemberRequest, check: str) -> HttpResponseBase:
    found = registered().get(check)
    if found is None:
        raise Http404
    filters = ResultFilters(request.GET)
    if not filters.is_valid():
        raise BadRequest("Unknown outcome")
    accounts, at = accounts_chosen(request), as_of(request)
    counts = checks.standing(request.user, found, accounts, at)
    tab = filters.cleaned_data["outcome"] or next((name for name in TABS if counts[name]), "fail")
    question = Question(account=accounts, check=(check,), outcome=(Outcome[tab.upper()],), as_of=at)
    try:
        results = findings.page(request.user, question, sort=DEFAULT, total=counts[tab], **place(request))
    except WrongPlace:
        raise BadRequest("No such page") from None
    context: dict[str, Any] = {
        "check": found,
        "cloud": CLOUDS[found.provider],
        "kinds": [spoken(kind) for kind in found.kinds],
        "severity": found.severity.label,
        "counts": counts,
        "total": sum(counts.values()),
        "tab": tab,
        "tabs": _tabs(request, counts),
        "page": results,
        "gaps": checks.gaps(request.user, found, accounts, at),
        "calls": checks.needed(found),
        "permissions": permissions_of(found),
        "controls": [(frameworks.TITLES[name], ids) for name, ids in frameworks.controls(check).items()],
    }
    return render(request, "checks/detail.html", context)


def _tabs(request: MemberRequest, counts: dict[str, int]) -> list[dict[str, Any]]:
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    items = []
    for name, label in TABS.items():
        query["outcome"] = name
        items.append({"key": name, "label": label, "href": f"?{query.urlencode()}#results", "count": counts[name]})
    return items
