"""This machine's clock against the database's. All times of claims are the database's; sessions,
links and webhooks' signatures use this machine's."""

from datetime import UTC, datetime, timedelta

from django.db import Error

from promint.core.storage import database_now, on_postgresql
from promint.readiness.remark import Remark, fine, not_fine

MOST_APART = timedelta(seconds=1)


def look() -> list[Remark]:
    if not on_postgresql():
        return [fine("SQLite uses this machine's clock, so there is only one.")]
    try:
        database_now()  # connects, which takes time
        before = datetime.now(UTC)
        theirs = database_now()
    except Error:
        return [not_fine("The database does not answer, so its clock could not be read.")]
    return [compared(before, theirs, datetime.now(UTC))]


def compared(before: datetime, theirs: datetime, after: datetime) -> Remark:
    """The database was asked between `before` and `after`, so this is what they differ by at
    least."""
    apart = max(before - theirs, theirs - after, timedelta())
    if apart <= MOST_APART:
        return fine("This machine's and the database's are less than a second apart.")
    which = "behind" if theirs > after else "ahead of"
    return not_fine(
        f"This machine is {apart.total_seconds():,.0f} s {which} the database: let NTP set both"
        " clocks (chrony, systemd-timesyncd)."
    )
