"""Everything in the foreground: database, broker, workers, scheduler and the page. Ctrl-C stops all of it."""

import argparse
from typing import Any

from django.core.management.base import CommandParser

from posture.management.command import Command as PostureCommand
from posture.runtime import installation
from posture.runtime.supervisor import outspoken


class Command(PostureCommand):
    help = __doc__
    needs_database = False  # it starts the long-lived parts before the database, and keeps the database itself

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="add sample cloud accounts, and scan them")
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
        parser.add_argument("--port", type=_port, help="default: the first free one from 8000 on")
        parser.add_argument("--workers", type=_count, default=2, help="scanning processes (default: 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = installation.Wanted(options["host"], options["port"], options["workers"], options["demo"])
        installation.run(wanted, outspoken(self._write))

    def _write(self, line: str) -> None:
        self.stdout.write(line, ending="")
        self.stdout.flush()


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: give a number from 1 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text} is no number of workers: give one from 1 to 64")
    return int(text)
