"""Lines for a terminal.  Names from clouds could carry its control codes, so nothing unprintable is let through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from posture.queries.finding_coverage import in_words
from posture.queries.finding_records import Report

COLUMNS = (("severity", 9), ("outcome", 8), ("account", 13), ("region", 15), ("name", 28), ("check", 34))


def pieces(report: Report) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for finding in report.findings:
        if not seen:
            yield " ".join(name.upper().ljust(width) for name, width in COLUMNS) + " FINDING\n"
        seen[finding["severity"]] += 1
        yield " ".join(cell(finding[name], width) for name, width in COLUMNS) + f" {printable(finding['sentence'])}\n"
    total = sum(seen.values())
    yield f"{total:,} finding{'' if total == 1 else 's'}. Coverage: {in_words(report.coverage)}.\n"


def cell(value: Any, width: int) -> str:
    said = printable(value)
    return said.ljust(width) if len(said) <= width else said[: width - 1] + "…"


def printable(value: Any) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in str(value))
