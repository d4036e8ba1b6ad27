"""The list of findings, its exports, and one finding."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from posture.forms.findings import FindingFilters
from posture.queries import finding_coverage, finding_detail, finding_facets, findings
from posture.queries.finding_pages import DEFAULT, WrongPlace
from posture.queries.finding_question import Question
from posture.templatetags.listing import TRANSITIONS
from posture.views import asked, downloads
from posture.views.request import MemberRequest
from posture.views.shell import as_of


def page(request: MemberRequest) -> HttpResponseBase:
    filters = FindingFilters(request.GET, seer=request.user, now=timezone.now())
    if not filters.is_valid():
        return render(request, "findings/mistake.html", {"mistake": filters.mistake()}, status=400)
    if wanted := request.GET.get("format"):
        return downloads.of_findings(request.user, filters, wanted, now=timezone.now())

    question = filters.question()
    since = request.user.looked_before_at or request.user.looked_at
    found = finding_facets.count(request.user, question, since)
    try:
        rows = findings.page(request.user, question, sort=filters.order, total=found.total, **asked.place(request))
    except WrongPlace:
        raise BadRequest("after or before is not a place in this list") from None
    coverage = finding_coverage.coverage(request.user, question)
    context = {
        "page": rows,
        "found": found,
        "question": question,
        "filtered": bool(filters.said()),
        "facets": finding_facets.facets(request.user, question, found, filters.accounts),
        "coverage": coverage,
        "unread": finding_coverage.unread(coverage),
        "unsorted": DEFAULT,
        "formats": downloads.OFFERED,
    }
    return render(request, "findings/list.html", context)


@vary_on_headers("HX-Request")
def detail(request: MemberRequest, key: str) -> HttpResponseBase:
    at = as_of(request)
    found = finding_detail.one(request.user, key, Question(as_of=at))
    if found:
        steps = [(*TRANSITIONS[step.kind], step) for step in found.steps]
        return render(request, "findings/detail.html", {"detail": found, "finding": found.found, "steps": steps})
    first = finding_detail.first_at(request.user, key)
    if first is None:
        raise Http404
    return render(request, "findings/not_yet.html", {"at": at, "first": first})
