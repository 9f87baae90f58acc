"""A snapshot of a SQLite database: a read transaction that lasts until its copy is made."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection

from promint.installation.ended import Tell

PAGES = 2_000  # copied between two reports


@contextmanager
def snapshot() -> Iterator[str]:
    """All that this connection reads is of one moment. Without a write-ahead log, commits wait
    meanwhile. The name is empty: only PostgreSQL needs one."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT COUNT(*) FROM django_migrations")  # the snapshot is taken here
        try:
            yield ""
        finally:
            cursor.execute("ROLLBACK")


def copy(to: Path, tell: Tell) -> None:
    """Copy the snapshot into a new database file."""

    def progress(status: int, left: int, pages: int) -> None:
        tell("Copying the database", pages - left, pages)

    with closing(sqlite3.connect(to)) as target:
        target.execute("PRAGMA synchronous = OFF")  # the backup is synced as a whole
        connection.connection.backup(target, pages=PAGES, progress=progress)
        target.execute("PRAGMA journal_mode = DELETE")  # one file without a log beside it
