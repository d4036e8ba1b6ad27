"""JSON Lines: a finding a line and nothing else.  The coverage of the whole goes beside it, not into it."""

from __future__ import annotations

from collections.abc import Iterator

from posture.queries.finding_records import Report
from posture.reports.json import text


def pieces(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield text(finding) + "\n"
