"""The clock that all processes share: PostgreSQL's own, or with SQLite this machine's."""

from datetime import UTC, datetime

from django.db import connection

from promint.core.storage.vendor import on_postgresql


def database_now() -> datetime:
    """The time in UTC at this moment, not at the start of the transaction."""
    if not on_postgresql():
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment.astimezone(UTC)
