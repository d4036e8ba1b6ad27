"""The formats that findings are written in, one line each; a format is a function from a report to pieces of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from posture.queries.finding_records import Report
from posture.reports import csv, json, jsonl, sarif, table

PIECE = 64_000  # characters sent at a time


@dataclass(frozen=True)
class Format:
    write: Callable[[Report], Iterator[str]]
    content_type: str
    suffix: str
    bare: bool = False  # has no room for the coverage of the whole


FORMATS: Mapping[str, Format] = {
    "table": Format(table.pieces, "text/plain; charset=utf-8", "txt"),
    "json": Format(json.pieces, "application/json", "json"),
    "jsonl": Format(jsonl.pieces, "application/jsonl; charset=utf-8", "jsonl", bare=True),
    "csv": Format(csv.pieces, "text/csv; charset=utf-8", "csv"),
    "sarif": Format(sarif.pieces, "application/sarif+json", "sarif"),
}


def written(format: Format, report: Report) -> Iterator[str]:
    """The whole text, in pieces worth sending."""
    return gathered(format.write(report))


def gathered(pieces: Iterable[str]) -> Iterator[str]:
    some: list[str] = []
    size = 0
    for piece in pieces:
        some.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield "".join(some)
            some, size = [], 0
    if some:
        yield "".join(some)
