"""What was read, what was not, and what that blinds."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from posture.queries import coverage
from posture.views.request import MemberRequest
from posture.views.shell import accounts_chosen, as_of
from scanners.checks.registry import checks


def page(request: MemberRequest) -> HttpResponseBase:
    at, accounts = as_of(request), accounts_chosen(request)
    lines = coverage.lines(request.user, at, only=accounts or None)
    gapped = [line for line in lines if line.unread]
    region, service = request.GET.get("region", ""), request.GET.get("service", "")
    sections = coverage.sections(request.user, (gapped or lines)[: coverage.SECTIONS], at, region, service)
    context: dict[str, Any] = {
        "at": at,
        "accounts": accounts,
        "lines": lines[: coverage.LINES],
        "more": len(lines[coverage.LINES :]),
        "more_gapped": len(gapped[coverage.SECTIONS :]),
        "sections": sections,
        "scopes": sum(line.scopes for line in lines),
        "unread": sum(line.unread for line in lines),
        "blinded": sorted(coverage.blinded_checks(request.user, at, accounts)),
        "checks": len(checks()),
        "narrowed": " ".join(filter(None, (service, region and f"in {region}"))),
    }
    return render(request, "coverage/list.html", context)
