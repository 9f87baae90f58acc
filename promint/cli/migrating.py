"""promint migrate, while claims go on.

On PostgreSQL, a statement that waits for the lock of a table makes everything wait that comes after
it and needs the table. So no statement of a migration waits for longer than LOCK_WAIT; then its
migration is undone, claims have their turn, and it is tried again.
"""

import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from promint.cli.told import say

LOCK_WAIT = 500  # ms
PAUSE = 2.0  # seconds between two tries
PATIENCE = 600.0  # seconds
_LOCKED_STATES = {"55P03", "40P01"}  # waited for too long; deadlock

# Transactions that are old enough to be what was waited for. Without pg_read_all_stats, the age and
# program of another user's session are not shown.
_HOLDERS = """
    SELECT s.pid, coalesce(nullif(s.application_name, ''), 'unnamed program'), s.usename,
           extract(epoch FROM clock_timestamp() - s.xact_start)::int,
           string_agg(DISTINCT l.relation::regclass::text, ', ')
    FROM pg_stat_activity s
    JOIN pg_locks l ON l.pid = s.pid AND l.locktype = 'relation' AND l.granted
    JOIN pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p')
        AND c.relnamespace <> 'pg_catalog'::regnamespace
    WHERE s.datname = current_database() AND s.pid <> pg_backend_pid()
        AND coalesce(s.xact_start < clock_timestamp() - %s * interval '1 ms', true)
    GROUP BY 1, 2, 3, 4 ORDER BY 4 DESC NULLS LAST LIMIT 3
"""


class GaveUp(Exception):
    """A lock was not free for longer than was waited for. Whole migrations are kept, no half."""


def migrate(patience: float = PATIENCE) -> None:
    """Apply what is missing, one process at a time. Raises GaveUp after `patience` seconds of
    waiting for another process or for a lock."""
    from django.db import connection

    from promint.core.storage import wait_for_locks

    connection.close()
    wait_for_locks(f"{LOCK_WAIT}ms")
    try:
        with _alone(patience):
            _apply(patience)
    finally:
        connection.close()
        wait_for_locks("")


@contextmanager
def _alone(patience: float) -> Iterator[None]:
    from django.conf import settings

    from promint.core.storage import on_postgresql

    if on_postgresql():
        with _beside() as beside:
            another = "Another promint migrate, restore or copy runs on this database"
            _wait(lambda: _is_alone(beside), another, patience)
            yield
        return
    with open(Path(settings.DATA_DIR) / "migrating.lock", "wb") as file:
        _wait(lambda: _is_locked(file), "Another promint migrate runs on this directory", patience)
        yield


@contextmanager
def _beside() -> Iterator[Any]:
    """A second connection, in a transaction of its own, which stays open. A lock of the transaction
    is kept by a pooler too, whatever the first connection does."""
    from django.db import connection

    beside = connection.copy()
    settings = beside.settings_dict["SESSION"]
    beside.settings_dict["SESSION"] = settings | {"idle_in_transaction_session_timeout": "0"}
    try:
        beside.set_autocommit(False)
        yield beside
    finally:
        beside.close()


def _is_alone(beside: Any) -> bool:
    """Whether this transaction has the lock now. It keeps it until it ends."""
    from promint.core.storage import SCHEMA_LOCK

    with beside.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SCHEMA_LOCK])
        return bool(cursor.fetchone()[0])


def _is_locked(file: Any) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _apply(patience: float) -> None:
    from django.core.management import call_command
    from django.db import OperationalError, connection

    tried = _Tried()

    def succeeds() -> bool:
        try:
            with connection.execute_wrapper(tried.note):
                call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            if not _is_held_up(error):
                raise
            tried.tell()
            return False
        return True

    _wait(succeeds, "The migration waits for a lock", patience)


def _is_held_up(error: Exception) -> bool:
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) in _LOCKED_STATES


class _Tried:
    """The statement that was tried last, and what was said about it."""

    def __init__(self) -> None:
        self._statement = ""
        self._told: object = None

    def note(self, execute: Callable[..., Any], sql: Any, *more: Any) -> Any:
        self._statement = str(sql)
        return execute(sql, *more)

    def tell(self) -> None:
        """Say which statement waits for whom, once for each statement and sessions."""
        holders = _holders()
        if (told := (self._statement, sorted(holders))) != self._told:
            about = " ".join(self._statement.split())[:120]
            say("\n  ".join([f"A lock is held, cannot run: {about}", *holders.values()]), 0)
            self._told = told


def _holders() -> dict[int, str]:
    """A sentence about each session, by its number."""
    from django.db import connection

    from promint.core.storage import on_postgresql

    if not on_postgresql():
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [LOCK_WAIT])
        return {row[0]: _holder(*row) for row in cursor.fetchall()}


def _holder(session: int, program: str, user: str, age: int | None, tables: str) -> str:
    since = "" if age is None else f", in a transaction of {age} s"
    return f"Session {session} ({program}, user {user}) holds {tables}{since}."


def _wait(succeeds: Callable[[], bool], waiting: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    told = False
    while not succeeds():
        if time.monotonic() >= deadline:
            raise GaveUp(
                f"{waiting}, for {patience:.0f} s now: giving up. Nothing is half done, and running"
                " it again goes on where it stopped."
            )
        if not told:
            say(f"{waiting}: trying again every {PAUSE:.0f} s.", 0)
            told = True
        time.sleep(PAUSE)
