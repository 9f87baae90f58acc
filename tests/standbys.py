"""Two servers of PostgreSQL: a primary, and a standby that every commit waits for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from tests.databases import HOST, Cluster
from tests.servers import wait_until

_FOLLOWERS = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
_WAITING = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE wait_event = 'SyncRep' AND application_name = %s AND datname IS NOT NULL"
)
SOON = 60  # seconds


class Standby(Cluster):
    """A copy of a primary that is kept up to date. It may be stopped and started."""

    def __init__(self, primary: Cluster) -> None:
        self._primary = primary
        super().__init__(primary.tools)

    def _initialise(self) -> None:
        self.password = self._primary.password
        self._run_as_user(
            [
                self.tools / "pg_basebackup",
                f"--pgdata={self._directory / 'data'}",
                f"--dbname={self._primary.url('postgres')}",
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync",
            ]
        )


class Pair:
    """From the beginning, each commit of the primary waits for the standby."""

    def __init__(self, primary: Cluster, standby: Standby) -> None:
        self.primary, self.standby = primary, standby
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.ask("SELECT pg_reload_conf()")
        wait_until(lambda: self.ask(_FOLLOWERS) == [(1,)], SOON)

    def url(self, database: str) -> str:
        """An address with both servers, the standby first."""
        account = f"promint:{self.primary.password}"
        hosts = f"{HOST}:{self.standby.port},{HOST}:{self.primary.port}"
        return f"postgresql://{account}@{hosts}/{database}"

    def ask(self, statement: LiteralString, *values: Any) -> list[Any]:
        """What the primary answers, without waiting for the standby."""
        with psycopg.connect(self.primary.url("postgres"), autocommit=True) as connection:
            connection.execute("SET synchronous_commit = local")
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def waiting(self, program: str = "promint") -> list[int]:
        """The sessions of a program whose commits wait for the standby now."""
        return [pid for (pid,) in self.ask(_WAITING, program)]

    def cut_waiting_off(self, done: Callable[[], bool], program: str = "promint") -> None:
        """Cancel the waiting until something is done, as an administrator who loses patience."""

        def cancel() -> bool:
            for pid in self.waiting(program):
                self.ask("SELECT pg_cancel_backend(%s)", pid)
            return done()

        wait_until(cancel, SOON)


@contextmanager
def followed(like: Cluster) -> Iterator[Pair]:
    """`like`: a server whose programs are used."""
    primary = Cluster(like.tools)
    try:
        standby = Standby(primary)
        try:
            yield Pair(primary, standby)
        finally:
            standby.remove()
    finally:
        primary.remove()
