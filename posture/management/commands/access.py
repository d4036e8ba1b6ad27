"""Who may do what: questions about access, answered by the engine."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from posture.management import access_questions
from posture.management.access_paths import paths_of_cases
from posture.management.command import Command as Base
from posture.runtime.mistakes import Mistake
from scanners.access.questions import answers


class Command(Base):
    help = (
        "Questions about access: `who-can`, `can`, `right-size`, `explain` and `paths` ask stored accounts; `decide`"
        " and `paths --cases` answer JSON Lines, one answer a line."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        questions = parser.add_subparsers(dest="question", required=True, metavar="QUESTION")
        access_questions.add_to(questions)
        paths = questions.add_parser("paths", help="who can come to an administrator's power, hop by hop?")
        paths.add_argument(
            "--cases", dest="file", nargs="?", const="-", metavar="FILE", help="account models as JSON Lines"
        )
        access_questions.add_paths(paths)
        decide = questions.add_parser("decide", help="would these requests be allowed? JSON Lines in, JSON Lines out")
        decide.add_argument("file", nargs="?", default="-", metavar="FILE", help="questions; - for standard input")

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.needs_database = not options.get("file")
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("file"):
            answer = {"decide": answers, "paths": paths_of_cases}[options["question"]]
            if not self._answer(answer, options["file"]):
                sys.exit(1)
            return
        record, written = access_questions.answered(options)
        if options["format"] == "json":
            self.stdout.write(json.dumps(record))
        else:
            for line in written(record):
                self.stdout.write(line)

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
