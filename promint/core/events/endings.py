"""Tells webhooks of lists that end soon, once for each end that a list is given."""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from promint.core.events import described, outbox
from promint.core.models import ListCounter, PromoList
from promint.core.rules import Event, limits
from promint.core.storage import database_now, durable


def tell(most: int) -> int:
    """Tell of at most `most` lists that have come near their end. Returns how many."""
    due = list(_due(database_now()).values_list("id", flat=True)[:most])
    for list_id in due:
        _tell(list_id)
    return len(due)


def _due(now: datetime) -> QuerySet[PromoList]:
    untold = Q(end_told__isnull=True) | ~Q(end_told=F("ends_at"))
    uncapped = Q(counter__entry_cap__isnull=True) | Q(counter__claims__lt=F("counter__entry_cap"))
    near = Q(ends_at__gt=now, ends_at__lte=now + limits.ENDS_SOON)
    return PromoList.objects.filter(untold, uncapped, near).order_by("ends_at", "id")


@durable
def _tell(list_id: int) -> None:
    ListCounter.objects.select_for_update().get(list_id=list_id)
    now = database_now()
    promo_list = _due(now).select_related("counter").filter(id=list_id).first()
    if promo_list is None:
        return  # its end was changed, or another worker was faster
    PromoList.objects.filter(id=list_id).update(end_told=promo_list.ends_at)
    outbox.record(Event.LIST_ENDS_SOON, list_id, described.list_data(promo_list, now), now)
