"""What the lists can still cost, added up from their counters."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, Sum

from promint.core.models import PromoList


@dataclass(frozen=True)
class StillClaimable:
    points: int  # that the lists with a cap can still issue
    uncapped: int  # lists that issue points and have no cap, and so are not in `points`


def still_claimable(now: datetime) -> StillClaimable:
    """What all lists that have not ended can still cost, including those that have not started and
    archived ones."""
    cap, claims = F("counter__entry_cap"), F("counter__claims")
    issuing = PromoList.objects.filter(points__gt=0, ends_at__gt=now)
    # Multiplied here, because points × cap can be more than a column of the database holds.
    sums = issuing.values("points").annotate(
        left=Sum(cap - claims),
        uncapped=Count("id", filter=Q(counter__entry_cap=None)),
    )
    found = [(row["points"] or 0, row["left"] or 0, row["uncapped"]) for row in sums]
    return StillClaimable(
        points=sum(points * int(left) for points, left, _ in found),
        uncapped=sum(uncapped for *_, uncapped in found),
    )
