"""Exports as streams.  What is sent is read inside one transaction, which ends when the answer does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime

from django.core.exceptions import BadRequest
from django.http import HttpResponseBase, StreamingHttpResponse

from posture.forms.findings import FindingFilters
from posture.models import Person
from posture.queries import finding_records
from posture.queries.finding_coverage import in_words
from posture.reports.formats import FORMATS, written

OFFERED = {"csv": "CSV", "json": "JSON", "jsonl": "JSON Lines", "sarif": "SARIF"}


class Stream:
    """Pieces of a report.  Whoever serves it calls `close`, also when nobody reads to the end."""

    def __init__(self, first: str, rest: Iterator[str], ending: ExitStack) -> None:
        self._first, self._rest, self._ending = first, rest, ending

    def __iter__(self) -> Iterator[str]:
        yield self._first
        yield from self._rest

    def close(self) -> None:
        self._ending.close()


def of_findings(person: Person, filters: FindingFilters, format: str, *, now: datetime) -> HttpResponseBase:
    """The first piece is made before the answer begins, so that what goes wrong at once is told as an error."""
    if format not in FORMATS:
        raise BadRequest(f"There is no format {format}")
    chosen = FORMATS[format]
    with ExitStack() as stack:
        report = stack.enter_context(
            finding_records.report(person, filters.question(), sort=filters.order, filters=filters.said(), now=now)
        )
        pieces = written(chosen, report)
        stream = Stream(next(pieces, ""), pieces, stack.pop_all())
    response = StreamingHttpResponse(stream, content_type=chosen.content_type)
    name = f"findings-{now:%Y-%m-%dT%H%MZ}.{chosen.suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Posture-Coverage"] = in_words(report.coverage)
    response["Cache-Control"] = "no-store"
    return response
