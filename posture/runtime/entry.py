"""What manage.py runs once its environment stands: our commands, Django's own, and the tests."""

import os

from posture.runtime import garbage
from posture.runtime.mistakes import in_one_line

# Django's own commands that talk to the database. Ours say so themselves (posture/management/command.py).
MIGRATED_FIRST = frozenset(
    {
        "changepassword",
        "clearsessions",
        "createsuperuser",
        "dbshell",
        "dumpdata",
        "flush",
        "loaddata",
        "runserver",
        "shell",
    }
)
AS_IT_IS = frozenset({"createcachetable", "inspectdb", "makemigrations", "migrate", "showmigrations", "sqlmigrate"})


def run(arguments: list[str]) -> int:
    """One command line, as in sys.argv. The answer is the exit code, for commands that do not leave by themselves."""
    name = arguments[1] if len(arguments) > 1 else "help"
    with in_one_line():
        if name == "test":
            from posture.runtime import trial

            return trial.run(arguments[2:])
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posture.settings")
        garbage.seldom()
        _django(name, arguments)
    return 0


def _django(name: str, arguments: list[str]) -> None:
    import django
    from django.core.management import execute_from_command_line

    if name not in MIGRATED_FIRST | AS_IT_IS:
        execute_from_command_line(arguments)
        return
    from posture.runtime import services

    django.setup()
    with services.database_running(migrated=name in MIGRATED_FIRST):
        execute_from_command_line(arguments)
