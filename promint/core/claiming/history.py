"""How many claims a list had in each hour, and when its cap will be reached."""

from datetime import datetime, timedelta

from promint.core.models import ClaimHour, PromoList
from promint.core.rules import ListStatus, forecast


def by_hour(list_id: int, since: datetime, until: datetime) -> dict[datetime, int]:
    """How many claims each UTC hour in `[since, until)` had, if any; oldest first."""
    hours = ClaimHour.objects.filter(list=list_id, hour__gte=since, hour__lt=until)
    return dict(hours.order_by("hour").values_list("hour", "claims"))


def cap_day(promo_list: PromoList, now: datetime) -> datetime | None:
    """When the cap is reached if claims go on as in the last days; None if the end comes first, or
    if there are too few claims to say it."""
    counter = promo_list.counter
    if promo_list.status(now) is not ListStatus.ACTIVE or counter.entry_cap is None:
        return None
    return forecast.cap_reached(
        by_hour(promo_list.id, now - timedelta(days=forecast.DAYS, hours=1), now),
        left=counter.entry_cap - counter.claims,
        starts_at=promo_list.starts_at,
        ends_at=promo_list.ends_at,
        now=now,
    )
