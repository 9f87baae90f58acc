"""When a list reaches its cap if its claims go on as in the last seven days. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

DAYS = 7  # looked at, so that the coming days follow the weekdays
LEAST_DAYS = 3  # since the start, before anything can be said
LEAST_CLAIMS = 20  # within the days that are looked at
LEAST_DAYS_WITH_CLAIMS = 2
FURTHEST = 366  # days: what lies beyond is not foreseen
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def cap_reached(
    by_hour: Mapping[datetime, int],
    *,
    left: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> datetime | None:
    """The moment; None if the end comes first or there are too few claims to say it.

    `by_hour`: UTC hours with claims, of the last DAYS days at least. `left`: claims until the cap.
    Each coming day is taken to have as many claims as the same weekday had, and a weekday on which
    the list was not active yet as many as a mean day.
    """
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    known = min(DAYS, (this_hour - starts_at) // DAY)
    past = _by_day(by_hour, this_hour, known)
    if not _is_enough(past):
        return None
    mean, ahead = sum(past) / len(past), 0.0
    for day in range(FURTHEST):
        back = DAYS - day % DAYS  # days ago: the same weekday
        claims = past[back - 1] if back <= known else mean
        if claims and ahead + claims >= left:
            moment = now + (day + (left - ahead) / claims) * DAY
            return moment if moment < ends_at else None
        ahead += claims
    return None


def _by_day(by_hour: Mapping[datetime, int], until: datetime, days: int) -> list[int]:
    """Claims in each of the last spans of 24 hours, the latest first."""
    found = [0] * max(0, days)
    for hour, claims in by_hour.items():
        day = (until - hour - HOUR) // DAY
        if 0 <= day < days:
            found[day] += claims
    return found


def _is_enough(past: list[int]) -> bool:
    busy = sum(claims > 0 for claims in past)
    return len(past) >= LEAST_DAYS and busy >= LEAST_DAYS_WITH_CLAIMS and sum(past) >= LEAST_CLAIMS
