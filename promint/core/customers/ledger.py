"""A customer's points: what each claim brought, with the balance after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

from promint.core.claiming import ClaimState, claim_states, claims_before
from promint.core.models import Customer, PointsEntry


@dataclass(frozen=True)
class Entry:
    source: ClaimState
    points: int
    balance: int  # after it


def entries(customer: str, before: tuple[datetime, str] | None, most: int) -> list[Entry]:
    """Newest first, those before a (time, canonical code).

    The balance is that of the customer's own row, read in the statement that reads the entries so
    that no claim gets between them; of a further page, the newer entries are taken off it.
    """
    of_claim = PointsEntry.objects.filter(customer=OuterRef("customer"), code=OuterRef("code_id"))
    found = claims_before(customer, before).annotate(
        points=Subquery(of_claim.values("points")),
        balance=Subquery(Customer.objects.filter(id=customer).values("points")),
        newer=Subquery(_newer(customer, before)),
    )
    rows: list[Any] = list(found.filter(points__isnull=False)[:most])
    balance = rows[0].balance - (rows[0].newer or 0) if rows else 0
    shown = []
    for row, source in zip(rows, claim_states(rows), strict=True):
        shown.append(Entry(source, row.points, balance))
        balance -= row.points
    return shown


def _newer(customer: str, before: tuple[datetime, str] | None) -> QuerySet[Any, Any]:
    """The points of the entries that stand on the pages before."""
    own = PointsEntry.objects.filter(customer=customer)
    if before is None:
        shown = own.none()
    else:
        at, code = before
        shown = own.filter(Q(issued_at__gt=at) | Q(issued_at=at, code__lte=code))
    return shown.values("customer").annotate(total=Sum("points")).values("total")
