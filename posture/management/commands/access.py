"""Who may do what: questions about access, answered by the engine."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from posture.management.access_paths import paths_of_cases
from posture.management.command import Command as Base
from posture.runtime.mistakes import Mistake
from scanners.access.aws.questions import answers


class Command(Base):
    help = "Questions about access: `access decide` and `access paths --cases` answer JSON Lines, one answer a line."
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        questions = parser.add_subparsers(dest="question", required=True, metavar="QUESTION")
        decide = questions.add_parser("decide", help="would these requests be allowed? JSON Lines in, JSON Lines out")
        decide.add_argument("file", nargs="?", default="-", metavar="FILE", help="questions; - for standard input")
        paths = questions.add_parser("paths", help="who can escalate? account models as JSON Lines")
        paths.add_argument("--cases", dest="file", required=True, nargs="?", const="-", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        answer = {"decide": answers, "paths": paths_of_cases}[options["question"]]
        if not self._answer(answer, options["file"]):
            sys.exit(1)

    def _answer(self, answered: Callable[[Iterable[bytes]], Iterator[dict[str, Any]]], file: str) -> bool:
        """Whether every line was understood."""
        understood = True
        with _opened(file) as lines:
            for answer in answered(lines):
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
