"""The claims of a list: the latest ones, and how many there were in each hour."""

from datetime import datetime

from django.db.models import Q

from promint.core.claiming.reading import ClaimState, claim_states
from promint.core.models import Claim, ClaimHour


def by_hour(list_id: int, since: datetime, until: datetime) -> dict[datetime, int]:
    """UTC hours that had claims, in `[since, until)`, oldest first."""
    hours = ClaimHour.objects.filter(list=list_id, hour__gte=since, hour__lt=until)
    return dict(hours.order_by("hour").values_list("hour", "claims"))


def latest(list_id: int, before: tuple[datetime, str] | None, most: int) -> list[ClaimState]:
    """Newest first, those before a (time, claim id)."""
    found = Claim.objects.filter(list=list_id)
    if before is not None:
        at, claim_id = before
        older = Q(claimed_at__lt=at) | Q(claimed_at=at, id__gt=claim_id)
        found = found.filter(older, claimed_at__lte=at)  # the index knows where to begin by this
    ordered = found.order_by("-claimed_at", "id").select_related("code__batch")
    return claim_states(list(ordered[:most]))
