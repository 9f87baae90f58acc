"""SQL statements over many rows, for PostgreSQL (with arrays) and SQLite (with JSON, or row by
row).

Used for claims and for loading codes, where an ORM takes more time than the database. The SQL texts
are constants of core; values are only passed as parameters.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from promint.core.storage.vendor import on_postgresql, vendor

Row = tuple[Any, ...]


def select(sql: str, values: Sequence[Any], *before: Any) -> list[Row]:
    """The rows that `sql` selects. It holds one `IN {values}`, filled with texts or numbers, and
    before it a `%s` for each of `before`. Without values, nothing is asked and the result is empty.
    """
    if not values:
        return []
    statement = sql.replace("IN {values}", vendor().in_values)
    return _fetch(statement, [*before, _array(values)])


def select_pairs(sql: str, pairs: Sequence[tuple[str, str]]) -> list[Row]:
    """The rows that `sql` selects. It holds one `IN {pairs}`, filled with pairs of texts. Without
    pairs, nothing is asked and the result is empty."""
    if not pairs:
        return []
    statement = sql.replace("IN {pairs}", vendor().in_pairs)
    if on_postgresql():
        return _fetch(statement, [list(column) for column in zip(*pairs, strict=True)])
    return _fetch(statement, [json.dumps(pairs)])


def _array(values: Sequence[Any]) -> Any:
    return list(values) if on_postgresql() else json.dumps(list(values))


def _fetch(sql: str, params: list[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


@dataclass(frozen=True)
class Insert:
    """An INSERT of many rows. `columns` maps names to PostgreSQL types."""

    table: str
    columns: dict[str, str]
    conflict: str = ""

    def many(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        insert = f"INSERT INTO {self.table} ({', '.join(self.columns)})"
        with connection.cursor() as cursor:
            if on_postgresql():
                arrays = ", ".join(f"%s::{kind}[]" for kind in self.columns.values())
                cursor.execute(
                    f"{insert} SELECT * FROM unnest({arrays}) {self.conflict}",  # noqa: S608
                    [list(column) for column in zip(*rows, strict=True)],
                )
            else:
                marks = ", ".join(["%s"] * len(self.columns))
                cursor.executemany(
                    f"{insert} VALUES ({marks}) {self.conflict}",
                    [tuple(map(_plain, row)) for row in rows],
                )


def _plain(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def moment(value: Any) -> datetime:
    """The time in a column, in UTC. PostgreSQL gives a datetime, SQLite a text without time
    zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromisoformat(value).replace(tzinfo=UTC)
