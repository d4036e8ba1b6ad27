"""COPY into a table: the cheapest way to write many rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def copy_into(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows in the order of `columns`; values in psycopg's types (JSON already as text)."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement.as_string(None)) as copy:
        for row in rows:
            copy.write_row(row)


def execute(statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Rows touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
