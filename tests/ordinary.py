"""Private instances of services as other people run them, from the programs that this system has."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from posture.runtime import account, binaries

SYSTEM_POSTGRES = Path("/usr/lib/postgresql/15/bin")
SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def folder(tenant: account.Account | None) -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="posture-ordinary-"))
    if tenant:
        tenant.owns(place)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def running(command: list[str], ready: Callable[[], bool], **options: object) -> Iterator[None]:
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        deadline = time.monotonic() + SECONDS
        while not ready():
            assert program.poll() is None and time.monotonic() < deadline, f"{command[0]} did not start"
            time.sleep(0.05)
        yield
    finally:
        program.terminate()
        program.wait(SECONDS)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of the maintenance database of a PostgreSQL 15 on TCP, with a password."""
    if not (SYSTEM_POSTGRES / "postgres").exists():
        pytest.skip("There is no PostgreSQL 15 here: apt-get install postgresql-15")
    tenant = account.for_postgres()
    lent = {"user": tenant.uid, "group": tenant.gid, "extra_groups": []} if tenant else {}
    port, password = free_port(), secrets.token_hex(8)
    url = f"postgresql://someone:{password}@127.0.0.1:{port}/postgres"
    with folder(tenant) as place:
        (place / "password").write_text(password)
        data = place / "data"
        subprocess.run(
            [
                *(SYSTEM_POSTGRES / "initdb", "-D", data, "-U", "someone", "--pwfile", place / "password"),
                *("--auth=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"),
            ],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
            **lent,
        )
        command = [str(SYSTEM_POSTGRES / "postgres"), "-D", str(data), "-p", str(port), "-k", str(place)]
        with running([*command, "-c", "fsync=off"], lambda: _welcomes(url), cwd="/", **lent):
            yield url


def _welcomes(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def new_database(server: str) -> str:
    """The URL of an empty database on that server."""
    name = f"posture_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.rpartition("/")[0] + f"/{name}"


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Redis where the system has it, else Valkey, on TCP with a password as an ordinary broker has."""
    program = shutil.which("redis-server") or shutil.which("valkey-server") or str(binaries.valkey())
    port, password = free_port(), secrets.token_hex(8)
    with folder(None) as place:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(place), "--save", ""]
        with running([*command, "--requirepass", password], lambda: listens(port)):
            yield f"redis://:{password}@127.0.0.1:{port}/0"


@contextlib.contextmanager
def rabbitmq() -> Iterator[str]:
    program = shutil.which("rabbitmq-server") or "/usr/lib/rabbitmq/bin/rabbitmq-server"
    if not os.access(program, os.X_OK) or not shutil.which("erl"):
        pytest.skip("There is no RabbitMQ here: apt-get install rabbitmq-server")
    port, name = free_port(), f"posture{secrets.token_hex(4)}@localhost"
    with folder(None) as place:
        environment = os.environ | {
            "RABBITMQ_NODENAME": name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(place / "mnesia"),
            "RABBITMQ_LOG_BASE": str(place / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"),
            "RABBITMQ_PID_FILE": str(place / "pid"),
            "ERL_EPMD_PORT": (names := str(free_port())),
            "HOME": str(place),
        }
        try:
            with running(["/usr/lib/rabbitmq/bin/rabbitmq-server"], lambda: listens(port), env=environment):
                yield f"amqp://guest:guest@127.0.0.1:{port}//"
        finally:  # Erlang's name server stays behind by itself
            subprocess.run(["epmd", "-port", names, "-kill"], stdout=subprocess.DEVNULL, check=False)
