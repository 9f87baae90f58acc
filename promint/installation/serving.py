"""Whether web processes or workers serve this database at the moment.

With SQLite each of them holds a shared lock on a small file beside the database, which ends with
the process however it ends. PostgreSQL knows who is connected.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from promint.core.storage import on_postgresql
from promint.installation.ended import Ended

_CONNECTED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()
"""
STOP_THEM = "Stop promint up, web and worker on all machines first."
DIRECTLY = (
    "This needs a session of its own: give the PROMINT_DATABASE_URL of PostgreSQL itself, without"
    " pooler=transaction."
)
_held: list[int] = []  # stays open, and so locked, until the process ends


def refuse_pooler(settings: Mapping[str, Any]) -> None:
    """Raises Ended if the database of Django's `settings` is behind a pooler, which hides who is
    connected and would pass on settings of pg_dump to others."""
    if settings.get("POOLED"):
        raise Ended(DIRECTLY)


def announce() -> None:
    """Say that this process serves, until it ends. Raises Ended if the database is being
    replaced; on PostgreSQL, `why_not_whole` says that."""
    if on_postgresql():
        return
    file = _open(Path(connection.settings_dict["NAME"]))
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise Ended(
            "promint restore or copy works on this database. Start when it is done."
        ) from None
    _held.append(file)


@contextmanager
def nobody_serves() -> Iterator[None]:
    """With SQLite, nobody can start to serve meanwhile. Raises Ended if somebody serves."""
    if on_postgresql():
        if connections := connected():
            raise Ended(f"{connections} connections of Promint are open. {STOP_THEM}")
        yield
        return
    with alone_with(Path(connection.settings_dict["NAME"])):
        yield


@contextmanager
def alone_with(database: Path) -> Iterator[None]:
    """Nobody serves this file of SQLite meanwhile. Raises Ended if somebody does."""
    file = _open(database)
    try:
        _lock_alone(file)
        yield
    finally:
        os.close(file)


def _lock_alone(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Ended(f"Promint is running on this database. {STOP_THEM}") from None


def connected() -> int:
    """Connections of other Promint processes to this PostgreSQL database."""
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTED, [connection.settings_dict["OPTIONS"]["application_name"]])
        return int(cursor.fetchone()[0])


def _open(database: Path) -> int:
    name = database.with_name(f"{database.name}-serving")
    return os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
