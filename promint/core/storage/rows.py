"""SQL statements over many rows, for PostgreSQL (with arrays) and SQLite (with JSON, or row by
row).

Used for claims and for loading codes, where an ORM takes more time than the database. The SQL texts
are constants of core; values are only passed as parameters.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from promint.core.storage.vendor import on_postgresql, vendor

if TYPE_CHECKING:
    from promint.core.storage.postgresql.together import Together

Row = tuple[Any, ...]

Asked = Callable[[], list[Row]]  # gives the rows of a SELECT that was sent


_together: ContextVar["Together | None"] = ContextVar("together", default=None)


@contextmanager
def sent_together() -> Iterator[None]:
    """Statements of this block that functions of this module send are sent to PostgreSQL at its
    end, without waiting for each other. They run in their order, each seeing what is committed when
    it begins, and none after one that failed. What failed is raised at the end of the block. Rows
    can be taken after it."""
    if not on_postgresql():
        yield
        return
    from promint.core.storage.postgresql.together import Together

    token = _together.set(together := Together())
    try:
        yield
    finally:
        _together.reset(token)
    connection.ensure_connection()
    with connection.wrap_database_errors:
        together.send(connection.connection)


def keep_plans() -> None:
    """Let PostgreSQL make the plan of a statement once, and not each time, until the transaction
    ends. Foreign keys are checked row by row, so most of the time of an INSERT of many rows may be
    planning. A plan that is kept uses an index even if the table was empty when it was made."""
    if on_postgresql():
        sent(
            "SELECT set_config('plan_cache_mode', 'auto', true),"
            " set_config('enable_seqscan', 'off', true)",
            [],
        )


def ask(sql: str, values: Sequence[Any], *before: Any) -> Asked:
    """Send a SELECT. It holds one `IN {values}`, filled with texts or numbers, and before it a
    `%s` for each of `before`. Without values, nothing is asked and there are no rows."""
    if not values:
        return list
    statement = sql.replace("IN {values}", vendor().in_values)
    return sent(statement, [*before, _many(values)])


def ask_pairs(sql: str, pairs: Sequence[tuple[str, str]]) -> Asked:
    """Send a SELECT. It holds one `IN {pairs}`, filled with pairs of texts. Without pairs, nothing
    is asked and there are no rows."""
    if not pairs:
        return list
    statement = sql.replace("IN {pairs}", vendor().in_pairs)
    if on_postgresql():
        return sent(statement, [array(column) for column in zip(*pairs, strict=True)])
    return sent(statement, [json.dumps(pairs)])


def select(sql: str, values: Sequence[Any], *before: Any) -> list[Row]:
    """The rows of `ask`."""
    return ask(sql, values, *before)()


def insert_each(sql: str, values: Sequence[str], *before: Any) -> None:
    """Insert a row for each of these texts. The SQL is an INSERT from a SELECT that holds a `%s`
    for each of `before`, which all rows have, and then `FROM {values}` with its column `value`."""
    if values:
        adapted = [_plain(one) for one in before]
        with connection.cursor() as cursor:
            statement = sql.replace("{values}", vendor().rows_of_values)
            cursor.execute(statement, [*adapted, _many(values)])


def _many(values: Sequence[Any]) -> str:
    return array(values) if on_postgresql() else json.dumps(list(values))


def sent(sql: str, params: list[Any]) -> Asked:
    """Send a statement, whose parameters are marked by `%s`. Only a SELECT gives rows."""
    if (together := _together.get()) is not None:
        number = together.add(sql, params)
        return lambda: together.rows(number)
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
        return f"{{{','.join(_elements(values))}}}"
    together = '","'.join(values)
    if "\\" in together or together.count('"') != 2 * (len(values) - 1):
        together = '","'.join(map(_escaped, values))
    return f'{{"{together}"}}'


def _elements(values: Sequence[Any]) -> list[str]:
    """Many columns have the same value in all rows."""
    if values.count(values[0]) == len(values):
        return [_element(values[0])] * len(values)
    return [_element(value) for value in values]


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
        if on_postgresql():
            arrays = ", ".join(f"%s::{kind}[]" for kind in self.columns.values())
            sent(
                f"{insert} SELECT * FROM unnest({arrays}) {self.conflict}",  # noqa: S608
                [array(column) for column in zip(*rows, strict=True)],
            )
            return
        marks = ", ".join(["%s"] * len(self.columns))
        with connection.cursor() as cursor:
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
