"""One JSON object: when, what was asked, what was read, and the findings, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from posture.queries.finding_records import Report, iso

_encoder = msgspec.json.Encoder()


def text(value: Any) -> str:
    return _encoder.encode(value).decode()


def pieces(report: Report) -> Iterator[str]:
    head = {
        "generated_at": iso(report.generated_at),
        "as_of": iso(report.as_of),
        "filters": report.filters,
        "coverage": report.coverage,
    }
    yield text(head)[:-1] + ',"findings":['
    comma = "\n"
    for finding in report.findings:
        yield comma + text(finding)
        comma = ",\n"
    yield "\n]}\n"
