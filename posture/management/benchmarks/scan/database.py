"""The Postgres of the benchmark: its own, in a home of its own, empty for every first scan."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from posture.management.benchmarks.scan.measure import family_cpu
from posture.runtime import services
from posture.runtime.cluster import DATABASE
from posture.runtime.home import REPOSITORY
from posture.runtime.postgres import Postgres

_ROWS = """SELECT coalesce(sum(n_tup_ins), 0), coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_del), 0)
           FROM pg_stat_user_tables WHERE relname NOT LIKE 'change%'"""


class Database:
    """Known limit: Postgres's own maintenance runs as it likes, and its processor time counts."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        pid = (server.cluster.data / "postmaster.pid").read_text().split()[0]
        self._pid = int(pid)

    def fresh(self) -> None:
        """Nothing in it but the tables of this version."""
        connections["default"].close()
        with self._connected("postgres") as server:
            server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {DATABASE}")
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=REPOSITORY, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        with self._connected() as server:
            server.execute("VACUUM ANALYZE")
            server.execute("CHECKPOINT")

    def figures(self) -> dict[str, float]:
        """Counters since ever; two of them make a difference."""
        with self._connected() as server:
            server.execute("SELECT pg_stat_force_next_flush()")
            wal = server.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
            rows = server.execute(_ROWS).fetchone()
        assert wal and rows  # noqa: S101 - each asks for one row
        inserted, updated, deleted = map(int, rows)
        return {
            "wal": float(wal[0]),
            "inserted": inserted,
            "updated": updated,
            "deleted": deleted,
            "cpu": family_cpu(self._pid),
        }

    def _connected(self, name: str = DATABASE) -> psycopg.Connection[tuple[Any, ...]]:
        address: dict[str, Any] = dict(self._server.cluster.address(name))
        return psycopg.connect(**address, connect_timeout=5, autocommit=True)


@contextmanager
def own(place: Path) -> Iterator[Database]:
    """From here on this process and what it starts have `place` for their home, and its Postgres for their database."""
    place.mkdir(parents=True, exist_ok=True)
    os.environ["POSTURE_HOME"] = str(place)
    os.environ.pop("DATABASE_URL", None)
    server = services.embedded_postgres()
    with server.in_use():
        connections["default"].close()
        if isinstance(connections["default"], DatabaseWrapper):
            connections["default"].close_pool()
        connections["default"].settings_dict.update(services.database() | {"OPTIONS": {}})
        try:
            yield Database(server)
        finally:
            connections["default"].close()


def grown(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: round(after[name] - before[name], 2) for name in before}
