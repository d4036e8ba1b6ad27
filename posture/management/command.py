"""What all our commands have in common: a database that runs, and one clear line for what a person can mend."""

from typing import Any

from django.core.management.base import BaseCommand

from posture.runtime import services
from posture.runtime.mistakes import in_one_line


class Command(BaseCommand):
    """A subclass writes `handle`: it raises `Mistake` for what the person did, `SystemExit` for its own exit codes."""

    needs_database = True
    requires_system_checks = []  # they are a test; here they would cost every command a part of a second

    def run_from_argv(self, argv: list[str]) -> None:
        """From a shell: one line instead of a traceback. Called from code, mistakes arrive as exceptions."""
        with in_one_line():
            super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        import posture.celery  # noqa: F401 - so that a task rung from here finds our broker

        if not self.needs_database:
            return super().execute(*args, **options)
        with services.database_running():
            return super().execute(*args, **options)
