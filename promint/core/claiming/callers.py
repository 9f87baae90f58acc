"""Counts what each caller tries. A caller whose codes are mostly unknown guesses codes, or is
broken."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Sum

from promint.core.models import CallerHour
from promint.core.storage import Insert, durable

SUSPICIOUS_ATTEMPTS = 100  # a day, at least
NOTICED = 100  # unknown codes in an hour, at least
TIMES_THE_USUAL = 3
USUAL_DAYS = 7
BOUND_BY = 10  # so many times what is noticed, then codes are not looked up; see throttle
_DAY = timedelta(days=1)
HOURS_KEPT = timedelta(days=30)

_WRITE = Insert(
    "core_callerhour",
    {"owner": "text", "hour": "timestamptz", "attempts": "bigint", "unknown": "bigint"},
    "ON CONFLICT (owner, hour) DO UPDATE SET"
    " attempts = core_callerhour.attempts + excluded.attempts,"
    " unknown = core_callerhour.unknown + excluded.unknown",
)


@durable
def count(attempts: Iterable[tuple[str, bool]], now: datetime) -> None:
    """Count attempts. `attempts`: for each, its caller and whether its code was unknown."""
    tried: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for caller, code_unknown in attempts:
        tried[caller] += 1
        unknown[caller] += code_unknown
    hour = hour_of(now)
    _WRITE.many([(caller, hour, n, unknown[caller]) for caller, n in sorted(tried.items())])


def hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def end_of_hour(now: datetime) -> datetime:
    return hour_of(now) + timedelta(hours=1)


class Guessing(NamedTuple):
    """Callers that may be guessing codes, or send something other than codes, in the last day."""

    mostly: list[str]  # more than half of their codes were unknown
    unusually: list[str]  # more unknown codes in an hour than this caller usually sends

    @property
    def all(self) -> list[str]:
        return sorted({*self.mostly, *self.unusually})


def guessing(now: datetime) -> Guessing:
    day = CallerHour.objects.filter(hour__gt=now - _DAY).values("owner")
    sums = list(
        day.annotate(tried=Sum("attempts"), missed=Sum("unknown"), most=Max("unknown"))
        .order_by("owner")
        .values_list("owner", "tried", "missed", "most")
    )
    mostly = [
        o for o, tried, missed, _ in sums if tried >= SUSPICIOUS_ATTEMPTS and missed * 2 > tried
    ]
    busiest = {owner: most for owner, _, _, most in sums if most >= NOTICED}
    usual = levels(busiest, now) if busiest else {}
    return Guessing(mostly, [owner for owner, most in busiest.items() if most >= usual[owner]])


def suspicious(now: datetime) -> list[str]:
    """Callers for whom most codes of the last day were unknown."""
    return guessing(now).mostly


def unusual(now: datetime) -> list[str]:
    """Callers who sent more unknown codes in one hour of the last day than they usually do."""
    return guessing(now).unusually


def noticed_from(peaks: list[int]) -> int:
    """From how many unknown codes in an hour a caller is noticed, given the busiest hour of each
    day before. Pure.

    The median of these days counts, so someone who wants a high number to look usual has to guess
    for four days.
    """
    return max(NOTICED, TIMES_THE_USUAL * sorted(peaks)[len(peaks) // 2])


def levels(owners: Iterable[str], now: datetime) -> dict[str, int]:
    """For each caller, from how many unknown codes in an hour it is noticed, given its days
    before."""
    peaks = {owner: [0] * USUAL_DAYS for owner in owners}
    before = now - _DAY
    past = CallerHour.objects.filter(
        owner__in=peaks, hour__lte=before, hour__gt=before - USUAL_DAYS * _DAY
    )
    for row in past:
        day = (before - row.hour) // _DAY
        peaks[row.owner][day] = max(peaks[row.owner][day], row.unknown)
    return {owner: noticed_from(of_days) for owner, of_days in peaks.items()}


def of_this_hour(owners: Iterable[str], now: datetime) -> dict[str, int]:
    """How many unknown codes each caller has sent in this hour, counted by all processes."""
    rows = CallerHour.objects.filter(owner__in=list(owners), hour=hour_of(now))
    return dict(rows.values_list("owner", "unknown"))


@durable
def forget_old(now: datetime) -> int:
    return CallerHour.objects.filter(hour__lt=now - HOURS_KEPT).delete()[0]
