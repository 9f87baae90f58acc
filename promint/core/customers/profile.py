"""Customers: what was issued to them, and their claims."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from promint.core import codes
from promint.core.claiming import refused_attempts
from promint.core.codes import CodeState
from promint.core.lists import ListFacts, facts_of
from promint.core.models import (
    Claim,
    Code,
    Customer,
    CustomerTag,
    IssuedOffer,
    Offer,
    RefusedAttempt,
)
from promint.core.rules import ids, limits, not_found


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


@dataclass(frozen=True)
class RefusedTry:
    attempt: RefusedAttempt
    code: CodeState


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
    row = counters(customer)
    issued = IssuedOffer.objects.filter(customer=customer).order_by("issued_at", "code")
    tags = CustomerTag.objects.filter(customer=customer).order_by("tagged_at", "tag")
    return Profile(
        customer=customer,
        points=row.points,
        offers=_with_offers(list(issued)),
        tags=[tag.tag for tag in tags],
        claim_count=row.claims,
    )


def counters(customer: str) -> Customer:
    """The points and the number of claims; of anyone."""
    return Customer.objects.filter(id=customer).first() or Customer(id=customer)


def newest_offers(customer: str, most: int) -> list[Issued]:
    issued = IssuedOffer.objects.filter(customer=customer).order_by("-issued_at", "code")
    return _with_offers(list(issued[:most]))


def _with_offers(issued: list[IssuedOffer]) -> list[Issued]:
    offers = Offer.objects.in_bulk({one.offer_id for one in issued})
    return [Issued(offers[one.offer_id], one.issued_at) for one in issued]


def newest_tags(customer: str, most: int) -> list[CustomerTag]:
    return list(CustomerTag.objects.filter(customer=customer).order_by("-tagged_at", "tag")[:most])


def claims_of(customer: str, before: tuple[datetime, str] | None, most: int) -> list[ClaimState]:
    """Newest first, those before a (time, canonical code)."""
    return claim_states(list(claims_before(customer, before)[:most]))


def claims_before(customer: str, before: tuple[datetime, str] | None) -> QuerySet[Claim]:
    """Newest first, with their codes."""
    found = Claim.objects.filter(customer=customer)
    if before is not None:
        at, code = before
        older = Q(claimed_at__lt=at) | Q(claimed_at=at, code__gt=code)
        found = found.filter(older, claimed_at__lte=at)  # the index knows where to begin by this
    return found.select_related("code").order_by("-claimed_at", "code")


def newest_refusals(customer: str, most: int) -> list[RefusedTry]:
    """Of known codes; see core.refused_attempts for which are kept."""
    attempts = list(refused_attempts.of_customer(customer)[:most])
    found = Code.objects.select_related("batch").filter(value__in={one.code for one in attempts})
    states = {state.value: state for state in codes.states(list(found))}
    return [RefusedTry(one, states[one.code]) for one in attempts]


def claim(claim_id: str) -> ClaimState:
    if not ids.is_claim(claim_id):
        raise not_found("claim")
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
