"""Times as they are written for programs. Pure."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(64)  # all claims of a group have the same time
def rfc3339(moment: datetime) -> str:
    """The time in UTC, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
