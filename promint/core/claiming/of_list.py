"""The claims of a list, in pages that neither count nor skip rows, newest first.

Each search has one index: of lists, of customers, or of codes by the primary key. The claims of a
customer in other lists are left out after they are read, so a page reads a limited number of claims
and may have fewer than asked for, or none, and still be followed by another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from promint.core.claiming.reading import ClaimState, claim_states
from promint.core.codes import with_reversals
from promint.core.models import Claim, PromoList
from promint.core.rules import canonical

LOOKED_AT = 5_000  # claims for a page, at most
CHUNK = 500  # claims that are read at once

Position = tuple[datetime, str]  # of the claim after which a page continues: its time and its id


@dataclass(frozen=True)
class Wanted:
    """Which claims of a list are wanted. An empty field leaves none out. `code` is as typed, times
    are in `[since, until)`."""

    promo_list: PromoList
    customer: str = ""
    code: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass
class Page:
    """`next` is where the next page begins; None if this is the last."""

    claims: list[ClaimState] = field(default_factory=list)
    next: Position | None = None


def page(wanted: Wanted, after: Position | None, most: int) -> Page:
    """Up to `most` claims. `after`: the `next` of the page before."""
    found: list[Claim] = []
    looked, last = 0, after
    for claim in _in_order(wanted, after, most + 1):
        if len(found) == most or looked == LOOKED_AT:
            return Page(claim_states(found), last)
        looked, last = looked + 1, (claim.claimed_at, claim.id)
        if _is_wanted(claim, wanted):
            found.append(claim)
    return Page(claim_states(found))


def _is_wanted(claim: Claim, wanted: Wanted) -> bool:
    of_customer = not wanted.customer or claim.customer == wanted.customer
    return of_customer and claim.list_id == wanted.promo_list.id


def _in_order(wanted: Wanted, after: Position | None, first: int) -> Iterator[Claim]:
    """`first`: how many claims are read at once in the beginning."""
    size = first
    while chunk := list(_older(_searched(wanted), wanted, after)[:size]):
        yield from chunk
        if len(chunk) < size:
            return
        after, size = (chunk[-1].claimed_at, chunk[-1].id), CHUNK


def _searched(wanted: Wanted) -> QuerySet[Claim]:
    """By the index that leaves the fewest claims: of the code, of the customer, or of the list.
    The code of a multi use list can have millions of claims, but each customer has one or two."""
    value, shared = canonical(wanted.code), canonical(wanted.promo_list.named_code or "")
    if wanted.code and (value is None or (shared and value != shared)):
        return Claim.objects.none()
    if shared and wanted.customer:
        return Claim.objects.filter(code=shared, customer=wanted.customer)
    if wanted.code and not shared:
        return Claim.objects.filter(code=value or "")
    if wanted.customer:
        return Claim.objects.filter(customer=wanted.customer)
    return Claim.objects.filter(list=wanted.promo_list)


def _older(claims: QuerySet[Claim], wanted: Wanted, after: Position | None) -> QuerySet[Claim]:
    if wanted.since is not None:
        claims = claims.filter(claimed_at__gte=wanted.since)
    if wanted.until is not None:
        claims = claims.filter(claimed_at__lt=wanted.until)
    if after is not None:
        at, claim_id = after
        older = Q(claimed_at__lt=at) | Q(claimed_at=at, id__gt=claim_id)
        claims = claims.filter(older, claimed_at__lte=at)  # lets the index find the first row
    ordered = claims.order_by("-claimed_at", "id")
    return with_reversals(ordered).select_related("code__batch")
