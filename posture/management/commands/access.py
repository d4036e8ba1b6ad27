"""Who may do what: questions about access, answered by the engine."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from posture.management.command import Command as Base
from posture.runtime.mistakes import Mistake
from scanners.access.aws.questions import answers


class Command(Base):
    help = "Questions about access: `access decide` answers JSON Lines, one answer a line, and needs no database."
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        questions = parser.add_subparsers(dest="question", required=True, metavar="QUESTION")
        decide = questions.add_parser("decide", help="would these requests be allowed? JSON Lines in, JSON Lines out")
        decide.add_argument("file", nargs="?", default="-", metavar="FILE", help="questions; - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        if not self._decide(options["file"]):
            sys.exit(1)

    def _decide(self, file: str) -> bool:
        """Whether every line was understood."""
        understood = True
        with _opened(file) as lines:
            for answer in answers(lines):
                understood = understood and "error" not in answer
                self.stdout.write(json.dumps(answer, separators=(",", ":")))
        return understood


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        lines = Path(file).open("rb")  # noqa: SIM115
    except OSError as refused:
        raise Mistake(f"{file} cannot be read ({refused.strerror}).") from None
    with lines:
        yield lines
