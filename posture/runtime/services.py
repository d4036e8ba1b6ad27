"""Which database and broker there are: those named in the environment, or the embedded ones.

Reading an address needs no running server, so settings can be imported at any time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from posture.runtime import broker, home
from posture.runtime.binaries import OLDEST_POSTGRES
from posture.runtime.cluster import Cluster
from posture.runtime.mistakes import Mistake
from posture.runtime.postgres import Postgres

POOL = {"min_size": 0, "max_size": 10, "timeout": 15}
BROKER_SECONDS = 10
MIGRATIONS_LOCK = 0x706F7374757265  # "posture" in ASCII


def embedded_database() -> bool:
    return not os.environ.get("DATABASE_URL")


def embedded_broker() -> bool:
    return not os.environ.get("BROKER_URL")


def embedded_postgres() -> Postgres:
    return Postgres(Cluster(home.cluster(), throw_away=os.environ.get("POSTURE_THROW_AWAY") == "1"))


def database() -> dict[str, Any]:
    """The value for Django's DATABASES["default"]."""
    address, options = _external(os.environ["DATABASE_URL"]) if not embedded_database() else (_embedded(), {})
    role = os.environ.get("POSTURE_ROLE", "command")
    defaults: dict[str, Any] = {"application_name": f"posture {role}", "connect_timeout": 10, "pool": dict(POOL)}
    return {"ENGINE": "django.db.backends.postgresql", **address, "OPTIONS": defaults | options}


def broker_url() -> str:
    return os.environ.get("BROKER_URL") or broker.url()


def refuse_dead_broker() -> None:
    """Raises Mistake when another's broker does not answer; its address is told without its password."""
    if embedded_broker():
        return
    from kombu.exceptions import KombuError

    from posture.celery import app

    try:
        line = app.connection_for_write(url=broker_url(), connect_timeout=BROKER_SECONDS)
        broken = (KombuError, OSError, *line.connection_errors)
    except (KeyError, ValueError, ImportError):
        form = "redis://:password@host:6379/0 or amqp://user:password@host:5672//"
        raise Mistake(f"BROKER_URL is not of the form {form}.") from None
    try:
        with line:
            line.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except broken as failure:
        reason = str(failure).strip().partition("\n")[0].rstrip(".")
        raise Mistake(
            f"The broker at {line.as_uri()} does not answer ({reason}): start it, or correct BROKER_URL."
        ) from None


@contextmanager
def database_running(*, migrated: bool = True) -> Iterator[None]:
    """The database answers inside this block and, unless told otherwise, has the tables of this version.

    The embedded one is started when nobody runs it and shared when somebody does. Another's database is left as it is:
    only its version is looked at, and whether somebody still has to migrate it.
    """
    if embedded_database():
        with embedded_postgres().in_use():
            if migrated:
                migrate()
            yield
    else:
        _refuse_old_server()
        if migrated and (missing := _missing_migrations()):
            raise Mistake(f"The database lacks {missing} migrations of this version: run python3 manage.py migrate.")
        yield


def migrate() -> None:
    """Apply what is missing. Of several commands that find something missing, one applies it and the others wait."""
    from django.core.management import call_command
    from django.db import connection

    if not _missing_migrations():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATIONS_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATIONS_LOCK])


def _missing_migrations() -> int:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _embedded() -> dict[str, str]:
    address = Cluster(home.cluster()).address()
    return {
        "NAME": address["dbname"],
        "USER": address["user"],
        "PASSWORD": address["password"],
        "HOST": address["host"],
        "PORT": address["port"],
    }


def _external(url: str) -> tuple[dict[str, str], dict[str, str]]:
    """Address and further options of postgresql://user:password@host:port/name?sslmode=…; never quotes the URL."""
    wrong = Mistake("DATABASE_URL is not of the form postgresql://user:password@host:port/name.")
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError:
        raise wrong from None
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in ("postgres", "postgresql") or not name:
        raise wrong
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": options.pop("port", port),
    }, options


def _refuse_old_server() -> None:
    address, options = _external(os.environ["DATABASE_URL"])
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given: dict[str, Any] = {word: address[name] for word, name in names.items() if address[name]}
    where = f"{address['HOST'] or 'the local socket'}{':' + address['PORT'] if address['PORT'] else ''}"
    try:
        with psycopg.connect(**{"connect_timeout": 10} | given | options) as connection:
            version = connection.info.server_version // 10000
    except (psycopg.OperationalError, psycopg.ProgrammingError) as failure:
        reason = str(failure).strip().partition("\n")[0].rstrip(".")
        raise Mistake(
            f"The database at {where} does not answer ({reason}): start it, or correct DATABASE_URL."
        ) from None
    if version < OLDEST_POSTGRES:
        raise Mistake(f"The database at {where} is PostgreSQL {version}: posture needs {OLDEST_POSTGRES} or newer.")
