"""Customers: what was issued to them, and their claims."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from promint.core import limits
from promint.core.list_facts import ListFacts, facts_of
from promint.core.models import Claim, Customer, CustomerTag, IssuedOffer, Offer
from promint.core.refusals import not_found


@dataclass(frozen=True)
class Issued:
    offer: Offer
    issued_at: datetime


@dataclass(frozen=True)
class Profile:
    customer: str
    points: int
    offers: list[Issued]
    tags: list[str]
    claim_count: int


@dataclass(frozen=True)
class ClaimState:
    claim: Claim
    facts: ListFacts
    shown: str


def check(customer: str) -> str | None:
    """What is wrong with a customer's id, which is kept as sent."""
    if not 1 <= len(customer) <= limits.CUSTOMER_CHARACTERS:
        return f"Use 1 to {limits.CUSTOMER_CHARACTERS} characters."
    if not customer.isprintable() and any(
        unicodedata.category(c) in ("Cc", "Cs") for c in customer
    ):
        return "Use no control characters."
    return None


def profile(customer: str) -> Profile:
    """Of anyone: a customer who never claimed has nothing."""
    row = Customer.objects.filter(id=customer).first() or Customer(id=customer)
    issued = IssuedOffer.objects.filter(customer=customer).order_by("issued_at", "code")
    offers = Offer.objects.in_bulk({one.offer_id for one in issued})
    tags = CustomerTag.objects.filter(customer=customer).order_by("tagged_at", "tag")
    return Profile(
        customer=customer,
        points=row.points,
        offers=[Issued(offers[one.offer_id], one.issued_at) for one in issued],
        tags=[tag.tag for tag in tags],
        claim_count=row.claims,
    )


def claims_of(customer: str, before: tuple[datetime, str] | None, most: int) -> list[ClaimState]:
    """Newest first, those before a (time, canonical code)."""
    found = Claim.objects.filter(customer=customer)
    if before is not None:
        at, code = before
        found = found.filter(Q(claimed_at__lt=at) | Q(claimed_at=at, code__gt=code))
    return claim_states(list(found.select_related("code").order_by("-claimed_at", "code")[:most]))


def claim(claim_id: str) -> ClaimState:
    found = Claim.objects.select_related("code").filter(id=claim_id)[:1]
    if not found:
        raise not_found("claim")
    return claim_states(list(found))[0]


def claim_states(claims: list[Claim]) -> list[ClaimState]:
    facts = facts_of(one.list_id for one in claims)
    return [
        ClaimState(one, facts[one.list_id], facts[one.list_id].show(one.code_id, one.code.typed))
        for one in claims
    ]
