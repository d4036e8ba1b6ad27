"""What all our commands have in common: a database that runs, and one clear line for what a person can mend."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from posture.runtime import services
from posture.runtime.mistakes import Mistake, in_one_line


class Command(BaseCommand):
    """A subclass writes `handle`: it raises `Mistake` for what the person did, `SystemExit` for its own exit codes."""

    needs_database = True
    requires_system_checks = []  # they are a test; here they would cost every command a part of a second

    def run_from_argv(self, argv: list[str]) -> None:
        """From a shell: one line instead of a traceback. Called from code, mistakes arrive as exceptions."""
        with in_one_line():
            try:
                super().run_from_argv(argv)
            except CommandError as wrong:  # of the parser alone: Django catches the others itself
                said = str(wrong).removeprefix("Error: ").rstrip(".")
                raise Mistake(f"{said}. `python3 manage.py {argv[1]} --help` says what it takes.") from None

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """A word that is not understood is a mistake like others: argparse's own exit code 2 means findings here."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = False
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        if not self.needs_database:
            return super().execute(*args, **options)
        with services.database_running():
            return super().execute(*args, **options)
