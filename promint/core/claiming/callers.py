"""What each caller tries: a key whose codes are mostly unknown is guessing, or broken."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Sum

from promint.core.models import CallerHour
from promint.core.storage import Insert, durable

SUSPICIOUS_ATTEMPTS = 100  # a day, at least
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
    """`attempts`: the caller of each, and whether its code was unknown."""
    tried: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for caller, code_unknown in attempts:
        tried[caller] += 1
        unknown[caller] += code_unknown
    hour = hour_of(now)
    _WRITE.many([(caller, hour, n, unknown[caller]) for caller, n in sorted(tried.items())])


def hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def suspicious(now: datetime) -> list[str]:
    """Callers most of whose codes of the last day were unknown."""
    day = CallerHour.objects.filter(hour__gt=now - timedelta(days=1)).values("owner")
    sums = day.annotate(tried=Sum("attempts"), missed=Sum("unknown")).order_by("owner")
    return [
        row["owner"]
        for row in sums
        if row["tried"] >= SUSPICIOUS_ATTEMPTS and row["missed"] * 2 > row["tried"]
    ]


@durable
def forget_old(now: datetime) -> int:
    return CallerHour.objects.filter(hour__lt=now - HOURS_KEPT).delete()[0]
