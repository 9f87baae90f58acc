"""The clock of a story, which stands still until it is moved.

On SQLite the product asks the machine's clock, which is set. On PostgreSQL it asks the database's,
so each connection finds a function of the same name before PostgreSQL's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from promint.core.storage.clock import database_now

BEGIN = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)
_FUNCTION = (
    "CREATE SCHEMA IF NOT EXISTS story;"
    " CREATE OR REPLACE FUNCTION story.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
    " $$ SELECT current_setting('story.now')::timestamptz $$"
)


class Clock:
    def __init__(self, machine: time_machine.Traveller) -> None:
        self._machine = machine
        self.now = BEGIN

    def set(self, now: datetime) -> None:
        self.now = now
        self._machine.move_to(now)
        if connection.vendor == "postgresql":
            _tell(connection, now)
        assert database_now() == now

    def pass_(self, time: timedelta) -> None:
        self.set(self.now + time)

    def tell_new(self, connection: BaseDatabaseWrapper, **_: object) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET search_path = story, pg_catalog, public")
            _tell(connection, self.now)


def _tell(connection: BaseDatabaseWrapper, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('story.now', %s, false)", [now.isoformat()])


@contextmanager
def standing_clock() -> Iterator[Clock]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_FUNCTION)
    with time_machine.travel(BEGIN, tick=False) as machine:
        clock = Clock(machine)
        connection_created.connect(clock.tell_new)
        connection.close()  # from now on, every connection has this clock
        try:
            clock.set(BEGIN)
            yield clock
        finally:
            connection_created.disconnect(clock.tell_new)
            connection.close()
