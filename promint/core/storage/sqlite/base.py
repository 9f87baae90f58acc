"""Django's SQLite backend, made to wait fairly and to survive a power cut.

SQLite's own waiting slows down to one try every 100 ms, so it loses against a worker that writes
chunk after chunk. Here, a writer tries every millisecond to get the write lock, and to commit.
After LOCK_WAIT it gives up with the error that SQLite would have raised.
"""

import sqlite3
import time
from collections.abc import Callable

from django.db import OperationalError
from django.db.backends.sqlite3 import base

LOCK_WAIT = 8.0  # seconds
LOCK_POLL = 0.001
READ_WAIT_MS = 8_000

# Releases before these can corrupt a write-ahead log when it is reset (https://sqlite.org/wal.html).
_WAL_FIXED = {(3, 44): 6, (3, 50): 7, (3, 51): 3}


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    fixed = _WAL_FIXED.get(version[:2])
    return version[2] >= fixed if fixed is not None else version[:2] > (3, 51)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params):  # type: ignore[no-untyped-def]
        connection = super().get_new_connection(conn_params)
        connection.execute(f"PRAGMA busy_timeout = {READ_WAIT_MS}")
        connection.execute(f"PRAGMA journal_mode = {'WAL' if wal_is_safe() else 'TRUNCATE'}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")  # 64 MiB: larger than a chunk of codes
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            _until_unlocked(lambda: self.connection.execute("BEGIN IMMEDIATE"))
        except sqlite3.OperationalError as error:
            raise OperationalError(*error.args) from error
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {READ_WAIT_MS}")

    def _commit(self) -> None:
        if self.connection is None:
            return
        with self.wrap_database_errors:
            self.connection.execute("PRAGMA busy_timeout = 0")
            try:
                _until_unlocked(self.connection.commit)
            finally:
                self.connection.execute(f"PRAGMA busy_timeout = {READ_WAIT_MS}")


def _until_unlocked(attempt: Callable[[], object]) -> None:
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            attempt()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(LOCK_POLL)
