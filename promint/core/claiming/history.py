"""The claims of a list: the latest ones, and how many there were in each hour."""

from datetime import datetime, timedelta

from django.db.models import Q

from promint.core.claiming.reading import ClaimState, claim_states
from promint.core.codes import with_reversals
from promint.core.models import Claim, ClaimHour, PromoList
from promint.core.rules import ListStatus, forecast


def by_hour(list_id: int, since: datetime, until: datetime) -> dict[datetime, int]:
    """How many claims each UTC hour in `[since, until)` had, if any; oldest first."""
    hours = ClaimHour.objects.filter(list=list_id, hour__gte=since, hour__lt=until)
    return dict(hours.order_by("hour").values_list("hour", "claims"))


def latest(list_id: int, before: tuple[datetime, str] | None, most: int) -> list[ClaimState]:
    """The claims of a list before a (time, claim id), newest first."""
    found = with_reversals(Claim.objects.filter(list=list_id))
    if before is not None:
        at, claim_id = before
        older = Q(claimed_at__lt=at) | Q(claimed_at=at, id__gt=claim_id)
        found = found.filter(older, claimed_at__lte=at)  # lets the index find the first row
    ordered = found.order_by("-claimed_at", "id").select_related("code__batch")
    return claim_states(list(ordered[:most]))


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
