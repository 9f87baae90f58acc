"""The two kinds of database between which rows are copied. Each reads and writes rows in one form,
the one in which SQLite stores them: times as text in UTC, truth as 0 and 1, JSON as text.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from psycopg import sql

from promint.installation.filling import connect
from promint.installation.table import Table

Rows = list[tuple[Any, ...]]
CHUNK = 10_000  # rows read at a time

_READ_ON_POSTGRESQL = {
    "time": "replace(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '.000000', '')",
    "truth": "{}::int",
    "json": "{}::text",
    "plain": "{}",
}


class Side(Protocol):
    def has_lists(self) -> bool: ...

    def reading(self) -> Any:
        """A context in which everything that is read is of one moment."""

    def filling(self) -> Any:
        """A context that empties the tables, and keeps what is written only if it ends well."""

    def rows(self, table: Table) -> Iterator[Rows]: ...

    def write(self, table: Table, chunks: Iterable[Rows]) -> None: ...

    def counted_to(self, table: Table) -> int:
        """The last number that the table's sequence has given out."""

    def count_on(self, table: Table, last: int) -> None:
        """Let the table's sequence go on after this number."""

    def finish(self) -> None:
        """Close it, after it was filled or read."""

    def close(self) -> None: ...


class Sqlite:
    def __init__(self, settings: dict[str, Any], tables: list[Table]) -> None:
        self._tables = tables
        self._connection = sqlite3.connect(settings["NAME"], isolation_level=None)
        self._connection.execute("PRAGMA cache_size = -65536")

    def has_lists(self) -> bool:
        there = "SELECT 1 FROM sqlite_master WHERE name = 'core_promolist'"
        if not self._connection.execute(there).fetchone():
            return False
        return bool(self._connection.execute("SELECT 1 FROM core_promolist LIMIT 1").fetchone())

    @contextmanager
    def reading(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        yield
        self._connection.execute("ROLLBACK")

    @contextmanager
    def filling(self) -> Iterator[None]:
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("BEGIN IMMEDIATE")
        for table in self._tables:
            self._connection.execute(f'DELETE FROM "{table.name}"')  # noqa: S608 (a model's name)
        yield
        self._connection.execute("COMMIT")

    def rows(self, table: Table) -> Iterator[Rows]:
        columns = ", ".join(f'"{column}"' for column in table.columns)
        cursor = self._connection.execute(f'SELECT {columns} FROM "{table.name}"')  # noqa: S608
        while rows := cursor.fetchmany(CHUNK):
            yield rows

    def write(self, table: Table, chunks: Iterable[Rows]) -> None:
        columns = ", ".join(f'"{column}"' for column in table.columns)
        marks = ", ".join("?" * len(table.columns))
        insert = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608
        for rows in chunks:
            self._connection.executemany(insert, rows)

    def counted_to(self, table: Table) -> int:
        asked = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        found = self._connection.execute(asked, [table.name]).fetchone()
        return int(found[0]) if found else 0

    def count_on(self, table: Table, last: int) -> None:
        self._connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", [table.name])
        row = [table.name, last]
        self._connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", row)

    def finish(self) -> None:
        self._connection.execute("PRAGMA optimize")
        self.close()

    def close(self) -> None:
        self._connection.close()


class Postgresql:
    def __init__(self, settings: dict[str, Any], tables: list[Table]) -> None:
        self._tables = tables
        self._connection = connect(settings)

    def has_lists(self) -> bool:
        there = self._connection.execute("SELECT to_regclass('core_promolist') IS NOT NULL")
        if there.fetchone() != (True,):
            return False
        return bool(self._connection.execute("SELECT 1 FROM core_promolist LIMIT 1").fetchone())

    @contextmanager
    def reading(self) -> Iterator[None]:
        self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield
        self._connection.execute("ROLLBACK")

    @contextmanager
    def filling(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        self._connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        names = sql.SQL(", ").join(sql.Identifier(table.name) for table in self._tables)
        self._connection.execute(sql.SQL("TRUNCATE {}").format(names))
        yield
        self._connection.execute("COMMIT")

    def rows(self, table: Table) -> Iterator[Rows]:
        columns = [
            sql.SQL(_READ_ON_POSTGRESQL[kind]).format(sql.Identifier(column))
            for column, kind in table.columns.items()
        ]
        select = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(columns), sql.Identifier(table.name)
        )
        with self._connection.cursor(name="promint_copy") as cursor:
            cursor.execute(select)
            while rows := cursor.fetchmany(CHUNK):
                yield rows

    def write(self, table: Table, chunks: Iterable[Rows]) -> None:
        """Rows that are copied into a table that was emptied in the same transaction can be stored
        as visible to all (FREEZE), so that they are not written again later."""
        copy = sql.SQL("COPY {} ({}) FROM STDIN WITH (FREEZE)").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
        )
        with self._connection.cursor() as cursor, cursor.copy(copy) as copying:
            for rows in chunks:
                for row in rows:
                    copying.write_row(row)

    def _sequence(self, table: Table) -> str:
        asked = "SELECT pg_get_serial_sequence(%s, %s)"
        found = self._connection.execute(asked, [table.name, table.numbered])
        return str((found.fetchone() or [""])[0])

    def counted_to(self, table: Table) -> int:
        asked = "SELECT coalesce(pg_sequence_last_value(%s::regclass), 0)"
        return int((self._connection.execute(asked, [self._sequence(table)]).fetchone() or [0])[0])

    def count_on(self, table: Table, last: int) -> None:
        self._connection.execute("SELECT setval(%s, %s)", [self._sequence(table), last])

    def finish(self) -> None:
        self._connection.execute("ANALYZE")
        self.close()

    def close(self) -> None:
        self._connection.close()


def side(settings: dict[str, Any], tables: list[Table]) -> Side:
    """Connects to a database; `settings` are Django's."""
    kind = Postgresql if settings["ENGINE"].endswith("postgresql") else Sqlite
    return kind(settings, tables)
