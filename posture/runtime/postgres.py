"""The life of the embedded Postgres: started by the first who uses it, shared by all, stopped after the last.

It listens on a private Unix socket and on no network. `keeper.py` says how the users and the server find each other.
"""

import atexit
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from posture.runtime import account, keeper
from posture.runtime.cluster import DATABASE, Cluster, disk_was_full, environment, last_words
from posture.runtime.mistakes import FULL_DISK, Mistake

START_SECONDS = 60
GLANCE_SECONDS = 0.02
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "logging_collector": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    # A failed statement carries the values it was to store, and those do not belong in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROW_AWAY_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

# A keeper outlives whoever started it. Python would take a forgotten one for a mistake, so they are remembered.
started_keepers: list["subprocess.Popen[str]"] = []


@atexit.register
def _let_keepers_be() -> None:
    """A keeper outlives whoever started it, as long as others use its server: that is no child forgotten."""
    for keeper_ in started_keepers:
        keeper_.returncode = keeper_.poll() or 0


@dataclass(frozen=True)
class Postgres:
    """One user's hold on the embedded server."""

    cluster: Cluster

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """The server runs inside this block, and afterwards for as long as somebody else is inside theirs."""
        self.cluster.root.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self.cluster.make()
        users = os.open(self._users, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(users, fcntl.LOCK_SH)  # waits while a server that has lost its last user is stopping
            self.ensure()
            yield
        finally:
            os.close(users)

    def ensure(self) -> None:
        """Start the server unless it runs. Of several that ask at once, one starts it."""
        if self.answers():
            return
        with self._alone():
            if not self.answers("postgres"):
                self._start()
            self._make_database()

    def answers(self, database: str = DATABASE) -> bool:
        try:
            self._connect(database).close()
        except psycopg.OperationalError:
            return False
        return True

    def runs(self) -> bool:
        return self._server() is not None

    def wait_until_left(self) -> None:
        """Wait while the server stops. Returns at once when somebody else still uses it, or nobody ever did."""
        if not self._users.exists():
            return
        deadline = time.monotonic() + keeper.STOP_SECONDS
        while time.monotonic() < deadline and self._server() is not None and not self._used_by_others():
            time.sleep(GLANCE_SECONDS)
        if self._server() is None:
            with self._users.open("r+") as users:
                fcntl.flock(users, fcntl.LOCK_SH)  # the keeper holds it until its very end
            for ended in started_keepers:
                ended.poll()

    def _start(self) -> None:
        before = self._log.stat().st_size if self._log.exists() else 0
        self._wait_for_the_old_one()
        running = self._spawn_keeper()
        started_keepers.append(running)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers("postgres"):
            if running.poll() is not None or time.monotonic() > deadline:
                self._give_up(before)
            time.sleep(GLANCE_SECONDS)

    def _spawn_keeper(self) -> "subprocess.Popen[str]":
        tenant = account.for_postgres()
        options = OPTIONS | {"unix_socket_directories": str(self.cluster.sockets)}
        if self.cluster.throw_away:
            options |= THROW_AWAY_OPTIONS
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        order = {
            "command": [str(self.cluster.programs() / "postgres"), "-D", str(self.cluster.data), *settings],
            "environment": environment(),
            "uid": tenant.uid if tenant else None,
            "gid": tenant.gid if tenant else None,
            "log": str(self._log),
            "users": str(self._users),
        }
        running = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            cwd="/",
        )
        assert running.stdin is not None  # noqa: S101 - it was asked for
        with running.stdin:
            json.dump(order, running.stdin)
        return running

    def _wait_for_the_old_one(self) -> None:
        """A server whose keeper was killed is still on its way out; a pid file may outlive both."""
        deadline = time.monotonic() + keeper.STOP_SECONDS
        while self._server() is not None:
            if time.monotonic() > deadline:
                raise Mistake(
                    f"Postgres runs in {self.cluster.data} but does not answer: end the pid {self._server()}."
                )
            time.sleep(GLANCE_SECONDS)
        (self.cluster.data / "postmaster.pid").unlink(missing_ok=True)

    def _server(self) -> int | None:
        """The pid of the running server. A pid that now belongs to another program is nobody's."""
        try:
            pid = int((self.cluster.data / "postmaster.pid").read_text().splitlines()[0])
            os.kill(pid, 0)
            command = Path(f"/proc/{pid}/cmdline")
            ours = not command.exists() or os.fsencode(self.cluster.data) in command.read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if ours else None

    def _used_by_others(self) -> bool:
        with self._users.open("r+") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return False
            except BlockingIOError:
                pass
            try:
                fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                return False  # the keeper has it, and is stopping the server

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not exists:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _connect(self, database: str) -> "psycopg.Connection[tuple[Any, ...]]":
        address: dict[str, Any] = dict(self.cluster.address(database))
        return psycopg.connect(**address, connect_timeout=5, autocommit=True)

    def _give_up(self, before: int) -> None:
        with self._log.open("rb") as log:
            log.seek(before)
            said = log.read().decode(errors="replace")
        full, reason = disk_was_full(said), last_words(said)
        raise Mistake(FULL_DISK if full else f"Postgres did not start ({reason}): its log is {self._log}.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.cluster.root / "start.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def _users(self) -> Path:
        return self.cluster.root / "users.lock"

    @property
    def _log(self) -> Path:
        return self.cluster.root / "postgres.log"
