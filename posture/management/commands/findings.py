"""The report writer: the findings page's filters and formats, for a shell and for other programs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from posture.forms.findings import FindingFilters, Several
from posture.management.command import Command as Base
from posture.management.output import into
from posture.queries import finding_records, visible
from posture.queries.finding_coverage import in_words
from posture.queries.finding_pages import DEFAULT, ORDERS
from posture.reports.formats import FORMATS, written
from posture.runtime.mistakes import Mistake


class Command(Base):
    help = "Write the findings: the open failures, or what the filters ask for. A filter can be given more than once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, field in FindingFilters.base_fields.items():
            several = isinstance(field, Several)
            if name != "sort":
                told = {"action": "append", "default": []} if several else {"default": ""}
                parser.add_argument(*_flags(name), metavar="VALUE", help=str(field.help_text), **told)
        parser.add_argument(
            "--sort",
            default="",
            metavar="ORDER",
            help=f"{', '.join(ORDERS)}; {DEFAULT} unless told; write --sort=-changed",
        )
        parser.add_argument("--format", choices=list(FORMATS), default="table")
        parser.add_argument("-o", "--output", metavar="FILE", help="written whole or not at all")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        filters = FindingFilters(_query(options), seer=visible.everything(), now=now)
        if not filters.is_valid():
            raise Mistake(filters.mistake())
        everything, question = visible.everything(), filters.question()
        with finding_records.report(
            everything, question, sort=filters.order, filters=filters.said(), now=now
        ) as report:
            into(options["output"], written(FORMATS[options["format"]], report), self.stdout)
            if FORMATS[options["format"]].bare or options["output"]:
                sys.stderr.write(f"Coverage: {in_words(report.coverage)}.\n")


def _flags(name: str) -> list[str]:
    return ["-q", "--q"] if name == "q" else [f"--{name.replace('_', '-')}"]


def _query(options: dict[str, Any]) -> QueryDict:
    """The options as a page's address would say them; several values may stand in one, with commas between."""
    query = QueryDict(mutable=True)
    for name, field in FindingFilters.base_fields.items():
        if isinstance(field, Several):
            query.setlist(name, list(_parts(name, options[name])))
        else:
            query[name] = options[name]
    return query


def _parts(name: str, values: list[str]) -> Iterator[str]:
    for value in values:
        yield from [value] if name == "ref" else value.split(",")
