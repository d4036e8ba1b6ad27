"""The catalogue of checks: what is asked, why it matters, what it needs and what closes it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from posture.management.command import Command as Base
from posture.management.output import into
from posture.reports import catalogue


class Command(Base):
    help = "List every check with its severity, the permissions it needs, its frameworks, and what closes a finding."
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=list(catalogue.FORMATS), default="text")
        parser.add_argument("-o", "--output", metavar="FILE", help="written whole or not at all")

    def handle(self, *args: Any, **options: Any) -> None:
        into(options["output"], catalogue.FORMATS[options["format"]](), self.stdout)
