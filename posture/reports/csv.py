"""CSV (RFC 4180) for spreadsheets.

What was read stands in the heading of the last column: a comment line would be a broken first row to a spreadsheet, and
a line of its own would be sorted away; a heading stays.  The column's cells are empty.

No cell is a formula: what a spreadsheet could take for one gets an apostrophe in front (OWASP, "CSV Injection", 2024).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from posture.queries.finding_coverage import in_words
from posture.queries.finding_records import Record, Report
from posture.reports.json import text

PLAIN = (
    "id",
    "check",
    "outcome",
    "state",
    "severity",
    "provider",
    "account",
    "region",
    "kind",
    "ref",
    "name",
    "subject",
)
TIMES = ("opened_at", "changed_at", "seen_at")
COLUMNS = (*PLAIN, "sentence", "because", "missing", *TIMES, "controls")
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MOST = 32_000  # characters; a spreadsheet's cell holds 32,767


def pieces(report: Report) -> Iterator[str]:
    lines = StringIO()
    writer = csv.writer(lines)

    def line(cells: list[str]) -> str:
        lines.seek(0)
        lines.truncate()
        writer.writerow(cells)
        return lines.getvalue()

    yield line([*COLUMNS, f"coverage: {in_words(report.coverage)}"])
    for finding in report.findings:
        yield line([defused(cell) for cell in cells(finding)])


def cells(finding: Record) -> list[str]:
    because = "; ".join(f"{proof['pointer']} = {text(proof['value'])}" for proof in finding["because"])
    missing = "; ".join(
        f"{gap['call']} in {gap['region']} ({gap['code']}), needs {gap['permission']}" for gap in finding["missing"]
    )
    controls = "; ".join(f"{framework}: {', '.join(ids)}" for framework, ids in finding["controls"].items())
    times = [finding[name] or "" for name in TIMES]
    return [*(finding[name] for name in PLAIN), finding["sentence"], because, missing, *times, controls, ""]


def defused(cell: Any) -> str:
    said = str(cell)
    said = said if len(said) <= MOST else said[:MOST] + "…"
    return "'" + said if said.startswith(FORMULAS) else said
