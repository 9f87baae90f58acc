"""SQL statements over many rows, for PostgreSQL (with arrays) and SQLite (with JSON, or row by
row).

Used for claims and for loading codes, where an ORM takes more time than the database. The SQL texts
are constants of core; values are only passed as parameters.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from promint.core.storage.vendor import on_postgresql, vendor

Row = tuple[Any, ...]


Asked = Callable[[], list[Row]]  # gives the rows of a SELECT that was sent


@contextmanager
def sent_together() -> Iterator[None]:
    """Statements of this block are sent to PostgreSQL without waiting for each other. They run in
    their order, each seeing what is committed when it begins, and none after one that failed. What
    failed is raised at the end of the block, or when rows are fetched in it."""
    if not on_postgresql():
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def keep_plans() -> None:
    """Let PostgreSQL make the plan of a statement once, and not each time, until the transaction
    ends. Foreign keys are checked row by row, so most of the time of an INSERT of many rows may be
    planning. A plan that is kept uses an index even if the table was empty when it was made."""
    if on_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('plan_cache_mode', 'auto', true),"
                " set_config('enable_seqscan', 'off', true)"
            )


def ask(sql: str, values: Sequence[Any], *before: Any) -> Asked:
    """Send a SELECT. It holds one `IN {values}`, filled with texts or numbers, and before it a
    `%s` for each of `before`. Without values, nothing is asked and there are no rows."""
    if not values:
        return list
    statement = sql.replace("IN {values}", vendor().in_values)
    return _sent(statement, [*before, _many(values)])


def ask_pairs(sql: str, pairs: Sequence[tuple[str, str]]) -> Asked:
    """Send a SELECT. It holds one `IN {pairs}`, filled with pairs of texts. Without pairs, nothing
    is asked and there are no rows."""
    if not pairs:
        return list
    statement = sql.replace("IN {pairs}", vendor().in_pairs)
    if on_postgresql():
        return _sent(statement, [array(column) for column in zip(*pairs, strict=True)])
    return _sent(statement, [json.dumps(pairs)])


def select(sql: str, values: Sequence[Any], *before: Any) -> list[Row]:
    """The rows of `ask`."""
    return ask(sql, values, *before)()


def _many(values: Sequence[Any]) -> str:
    return array(values) if on_postgresql() else json.dumps(list(values))


def _sent(sql: str, params: list[Any]) -> Asked:
    cursor = connection.cursor()
    cursor.execute(sql, params)
    if on_postgresql():
        return lambda: _taken(cursor)
    found = _taken(cursor)  # SQLite looks for rows only when they are taken
    return lambda: found


def _taken(cursor: Any) -> list[Row]:
    with cursor:
        return list(cursor.fetchall())


def array(values: Sequence[Any]) -> str:
    """The values in PostgreSQL's notation for arrays. The driver can write lists too, but takes
    several times as long."""
    if set(map(type, values)) != {str}:
        return f"{{{','.join(map(_element, values))}}}"
    together = '","'.join(values)
    if "\\" in together or together.count('"') != 2 * (len(values) - 1):
        together = '","'.join(map(_escaped, values))
    return f'{{"{together}"}}'


def _element(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case datetime():
            return f'"{value.isoformat()}"'
        case bytes():
            return f'"\\\\x{value.hex()}"'
        case str():
            return f'"{_escaped(value)}"'
    raise TypeError(f"No column has values like {type(value)}.")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


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
                    [array(column) for column in zip(*rows, strict=True)],
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
