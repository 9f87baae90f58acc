"""A customer's points: what claims added and reversals took back, with the balance after each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Subquery, Sum

from promint.core.claiming import ClaimState, claims_with
from promint.core.models import Customer, PointsEntry


@dataclass(frozen=True)
class Entry:
    source: ClaimState
    reversal: bool
    at: datetime
    points: int  # below zero if taken back
    balance: int  # after it

    @property
    def position(self) -> tuple[datetime, str]:
        return self.at, self.source.claim.code_id


def entries(customer: str, before: tuple[datetime, str] | None, most: int) -> list[Entry]:
    """The entries before a position (a time and a canonical code), newest first.

    The balance is read from the customer's row by the same statement that reads the entries, so
    that no claim comes between the two. For a further page, newer entries are subtracted.
    """
    found = _own(customer, before, older=True).annotate(
        balance=Subquery(Customer.objects.filter(id=customer).values("points")),
        newer=Subquery(_newer(customer, before)),
    )
    rows: list[Any] = list(found.order_by("-issued_at", "code")[:most])
    balance = rows[0].balance - (rows[0].newer or 0) if rows else 0
    sources = claims_with({(row.code, customer, row.round) for row in rows})
    shown = []
    for row in rows:
        source = sources[row.code, customer, row.round]
        shown.append(Entry(source, row.reversal, row.issued_at, row.points, balance))
        balance -= row.points
    return shown


def _newer(customer: str, before: tuple[datetime, str] | None) -> QuerySet[Any, Any]:
    """The points of the entries on earlier pages."""
    shown = _own(customer, before, older=False)
    return shown.values("customer").annotate(total=Sum("points")).values("total")


def _own(
    customer: str, position: tuple[datetime, str] | None, *, older: bool
) -> QuerySet[PointsEntry]:
    """The entries after a position (older), or those up to it. No position means before the
    newest."""
    own = PointsEntry.objects.filter(customer=customer)
    if position is None:
        return own if older else own.none()
    at, code = position
    if older:
        return own.filter(Q(issued_at__lt=at) | Q(issued_at=at, code__gt=code))
    return own.filter(Q(issued_at__gt=at) | Q(issued_at=at, code__lte=code))
