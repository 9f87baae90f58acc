"""Nobody uses a database while a command fills it. promint.core.storage.being_filled says how
others are told."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db.utils import ConnectionHandler
from psycopg import sql

from promint.core.storage import MARK, SCHEMA_LOCK
from promint.installation.ended import Ended
from promint.installation.serving import STOP_THEM, alone_with

_OWN_NAME = "promint filling"  # so that it does not count as somebody who serves
_SERVING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s
"""
_END_WITHIN = 5.0  # seconds, in which the session of a process that has ended is over


@dataclass
class Filling:
    """`changed`: whether what was there before is gone, so that the mark stays if this fails."""

    changed: bool = False


def connect(settings: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """A connection to the PostgreSQL database of Django's `settings`."""
    wrapper = ConnectionHandler({"default": dict(settings)})["default"]
    connection: psycopg.Connection[Any] = wrapper.get_new_connection(
        wrapper.get_connection_params()
    )
    connection.autocommit = True
    return connection


@contextmanager
def filling(settings: Mapping[str, Any], command: str) -> Iterator[Filling]:
    """Nobody begins to use the database meanwhile. If the process is killed, nobody does until the
    command was repeated (PostgreSQL), or nothing was changed (SQLite).

    `settings`: Django's. Raises Ended if somebody uses the database.
    """
    if not settings["ENGINE"].endswith("postgresql"):
        with alone_with(Path(settings["NAME"])):
            yield Filling()
        return
    with closing(connect(settings)) as beside:
        name = (beside.execute("SHOW application_name").fetchone() or [""])[0]
        beside.execute(sql.SQL("SET application_name = {}").format(_OWN_NAME))
        _lock(beside)
        _mark(beside, command)
        state = Filling()
        try:
            _refuse_serving(beside, name)
            yield state
        except BaseException:
            if not state.changed:
                with suppress(psycopg.Error):  # what has happened says more
                    _remove_mark(beside)
            raise
        _remove_mark(beside)


def _lock(beside: psycopg.Connection[Any]) -> None:
    got = beside.execute("SELECT pg_try_advisory_lock(%s)", [SCHEMA_LOCK])
    if got.fetchone() != (True,):
        raise Ended(
            "promint migrate, restore or copy works on this database. Start when it is done."
        )


def _mark(beside: psycopg.Connection[Any], command: str) -> None:
    words = f"promint {command} (begun {datetime.now(UTC):%Y-%m-%d %H:%M} UTC)"
    name = sql.Identifier(MARK)
    with beside.transaction():
        beside.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} ()").format(name))
        beside.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, words))


def _remove_mark(beside: psycopg.Connection[Any]) -> None:
    beside.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(MARK)))
    beside.execute("SELECT pg_advisory_unlock(%s)", [SCHEMA_LOCK])


def _refuse_serving(beside: psycopg.Connection[Any], name: str) -> None:
    """Whoever has started before the mark was there is connected now, under this name."""
    deadline = time.monotonic() + _END_WITHIN
    while connections := (beside.execute(_SERVING, [name]).fetchone() or [0])[0]:
        if time.monotonic() > deadline:
            raise Ended(f"{connections} connections of Promint are open. {STOP_THEM}")
        time.sleep(0.1)
