"""The clock that all processes share: PostgreSQL's own, or with SQLite this machine's."""

from collections.abc import Callable
from datetime import UTC, datetime

from promint.core.storage.rows import sent
from promint.core.storage.vendor import on_postgresql


def database_now() -> datetime:
    """The time in UTC at this moment, not at the start of the transaction."""
    return ask_now()()


def ask_now() -> Callable[[], datetime]:
    """Ask for the time. What is returned gives it; it is the time at which the database comes to
    this question, after the statements before it."""
    if not on_postgresql():
        now = datetime.now(UTC)
        return lambda: now
    found = sent("SELECT clock_timestamp()", [])

    def told() -> datetime:
        ((moment,),) = found()
        in_utc: datetime = moment.astimezone(UTC)
        return in_utc

    return told
