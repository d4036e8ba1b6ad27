"""What a scan did, in the form of `scan --format json`."""

from __future__ import annotations

from typing import Any

from posture.models import CoverageCell, Scan
from posture.queries.coverage import KNOWN
from scanners.scan import blinded_by


def of_scan(scan: Scan) -> dict[str, Any]:
    summary = scan.summary
    seconds = (scan.finished_at - scan.asked_at).total_seconds() if scan.finished_at else None
    return {
        "scan": scan.pk,
        "account": scan.account.ref,
        "state": scan.state,
        "coverage": summary.get("cells", {}),
        "gaps": gaps(scan),
        **{key: summary.get(key, 0) for key in ("opened", "resolved", "unchanged", "calls", "retries", "throttled")},
        "seconds": seconds,
        "digest": scan.digest,
    }


def gaps(scan: Scan) -> list[dict[str, Any]]:
    """Every call that was not read, as the account's coverage stands after this scan, with the checks it blinds."""
    cells = CoverageCell.objects.filter(account=scan.account_id, until_at=None)
    unread = cells.exclude(state__in=KNOWN).order_by("call", "region")
    return [
        {
            "call": cell.call,
            "permission": cell.permission,
            "state": cell.state,
            "code": cell.code,
            "region": cell.region,
            "checks": blinded_by(cell.call),
        }
        for cell in unread
    ]


def as_text(report: dict[str, Any]) -> str:
    if report["state"] == Scan.State.FAILED:
        return f"Account {report['account']}: not scanned. {report['sentence']}"
    lines = [
        f"Account {report['account']}: scan {report['scan']} is {report['state']} after {report['seconds']:.1f} s.",
        f"{report['opened']} findings opened, {report['resolved']} resolved, {report['unchanged']} unchanged.",
        f"{report['calls']} calls, {report['retries']} retries, {report['throttled']} throttled.",
    ]
    for gap in report["gaps"]:
        blind = f"; blinds {', '.join(gap['checks'])}" if gap["checks"] else ""
        lines.append(f"Not read: {gap['call']} in {gap['region']} ({gap['state']}, {gap['code']}){blind}")
    return "\n".join(lines)
