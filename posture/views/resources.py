"""Resources: the list, and one as it was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.vary import vary_on_headers

from posture.forms.resources import ResourceFilters
from posture.models import Resource, ResourceVersion
from posture.models.findings import Outcome, State
from posture.queries import explorers, moments, resources, settings_seen, variables
from posture.queries.finding_facets import spoken
from posture.queries.finding_pages import WrongPlace
from posture.queries.finding_rows import Found
from posture.views.asked import place
from posture.views.request import MemberRequest
from posture.views.shell import accounts_chosen, accounts_of, as_of

GROUPS = (
    ("fail", "Failed"),
    ("lost", "Lost sight of"),
    ("unknown", "Unknown"),
    ("pass", "Passed"),
    ("not_applicable", "Not applicable"),
    ("gone", "Gone"),
)


def page(request: MemberRequest) -> HttpResponseBase:
    filters = ResourceFilters(request.GET)
    if not filters.is_valid():
        raise BadRequest("Unknown filter")
    asked = filters.asked(accounts_chosen(request), as_of(request))
    facets, total = resources.facets(request.user, asked, accounts_of(request))
    try:
        found = resources.page(request.user, asked, filters.order, **place(request))
    except WrongPlace:
        raise BadRequest("No such page") from None
    for row in found.rows:
        row.resource.kind = spoken(row.resource.kind)
    narrowed = any(request.GET.get(name) for name in ("q", "account", "state", "failing", "kind", "region", "service"))
    pager = {"older": found.older, "newer": found.newer, "shown": found.shown, "total": total}
    context = {"rows": found.rows, "page": pager, "facets": facets, "total": total, "narrowed": narrowed}
    context["looking"] = f"?{urlencode({'as_of': moments.exact(asked.as_of)})}" if asked.as_of else ""
    return render(request, "resources/list.html", context)


@vary_on_headers("HX-Request")
def detail(request: MemberRequest, resource: int) -> HttpResponseBase:
    try:
        found = settings_seen.find(request.user, resource)
    except Resource.DoesNotExist:
        raise Http404 from None
    at = as_of(request)
    known = settings_seen.versions(found)
    shown = settings_seen.version_at(known, at)
    if shown is None:
        raise Http404
    before, after = _compared(request, known, shown)
    read = settings_seen.bodies(found, [v for v in (shown, before, after) if v])
    body = read.get(shown.since_at, {})
    mine = settings_seen.findings(request.user, found, at)
    others = settings_seen.pointing_here(request.user, found, at)
    unit = settings_seen.read_by(request.user, found, at)
    sections = settings_seen.sections(body, found, [*mine, *others], unit)
    gone = shown.until_at is not None and (at is None or shown.until_at <= at)
    context: dict[str, Any] = {
        "resource": found,
        "kind": spoken(found.kind),
        "at": at,
        "shown": shown,
        "gone": shown.until_at if gone else None,
        "sections": [section for section in sections if section.asked],
        "not_asked": [section for section in sections if not section.asked],
        "unread": [section for section in sections if section.gaps],
        "unlisted": [] if at else found.scope.gaps.get(found.kind, []),
        "groups": _grouped(mine),
        "open": sum(1 for f in mine if f.lost or (f.state_number == State.OPEN and f.outcome_number == Outcome.FAIL)),
        "unknown": sum(1 for f in mine if f.state_number == State.OPEN and f.outcome == "unknown" and not f.lost),
        "others": others,
        "variables": variables.variables(found, body),
        "versions": [(version, moments.exact(version.since_at)) for version in known],
        "before": before and moments.exact(before.since_at),
        "after": after and moments.exact(after.since_at),
        "difference": settings_seen.difference(before, after, read) if before and after else None,
        "unit": unit,
        "principal": explorers.principal_ref(found.account.provider, found.kind, found.ref, found.name),
    }
    return render(request, "resources/detail.html", context)


def _compared(
    request: MemberRequest, known: list[ResourceVersion], shown: ResourceVersion
) -> tuple[ResourceVersion | None, ResourceVersion | None]:
    """The two versions that `?from=` and `?to=` name; without them, the one shown and the one before it."""
    by_time = {version.since_at: version for version in known}
    last = known.index(shown)
    usual = (known[last + 1] if last + 1 < len(known) else None, shown)
    chosen = [_named(request.GET.get(name, ""), by_time) for name in ("from", "to")]
    before, after = (named or default for named, default in zip(chosen, usual, strict=True))
    return (before, after) if before and after and before != after else (None, None)


def _named(text: str, by_time: dict[datetime, ResourceVersion]) -> ResourceVersion | None:
    try:
        return by_time.get(datetime.fromisoformat(text)) if text else None
    except ValueError:
        raise BadRequest("No such version") from None


def _grouped(findings: list[Found]) -> list[tuple[str, str, list[Found]]]:
    """By outcome, what is open first."""
    groups: dict[str, list[Found]] = {name: [] for name, _ in GROUPS}
    for finding in findings:
        name = "gone" if finding.state_number == State.GONE else "lost" if finding.lost else finding.outcome
        groups[name].append(finding)
    return [(name, title, groups[name]) for name, title in GROUPS if groups[name]]
