"""The clock that all machines share: PostgreSQL's own; on SQLite it is this machine's."""

from datetime import UTC, datetime

from django.db import connection

from promint.core.storage.vendor import on_postgresql


def database_now() -> datetime:
    """The time right now, not that of the transaction's start. UTC."""
    if not on_postgresql():
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment.astimezone(UTC)
