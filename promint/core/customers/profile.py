"""What was issued to a customer, and the customer's claims."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from promint.core import codes
from promint.core.claiming import ClaimState, claim_states, claims_before, refused_attempts
from promint.core.codes import CodeState
from promint.core.lists import former_names, name_at
from promint.core.models import (
    Customer,
    CustomerTag,
    IssuedOffer,
    Offer,
    RefusedAttempt,
)


@dataclass(frozen=True)
class Issued:
    offer: Offer
    name: str  # that the offer had then
    issued_at: datetime


@dataclass(frozen=True)
class Profile:
    customer: str
    points: int
    offers: list[Issued]
    tags: list[str]
    claim_count: int


@dataclass(frozen=True)
class AttemptOnCode:
    attempt: RefusedAttempt
    code: CodeState


def profile(customer: str) -> Profile:
    """The profile of any id: a customer who never claimed has nothing."""
    row = counters(customer)
    issued = _offers(customer).order_by("issued_at", "code")
    tags = CustomerTag.objects.filter(customer=customer).order_by("tagged_at", "tag")
    return Profile(
        customer=customer,
        points=row.points,
        offers=_with_offers(list(issued)),
        tags=[tag.tag for tag in tags],
        claim_count=row.claims,
    )


def counters(customer: str) -> Customer:
    """The points and the number of claims of any id."""
    return Customer.objects.filter(id=customer).first() or Customer(id=customer)


def newest_offers(customer: str, most: int) -> list[Issued]:
    issued = _offers(customer).order_by("-issued_at", "code")
    return _with_offers(list(issued[:most]))


def _offers(customer: str) -> QuerySet[IssuedOffer]:
    """The customer's offers, except those withdrawn by a reversal."""
    return IssuedOffer.objects.filter(customer=customer, withdrawn_at=None)


def _with_offers(issued: list[IssuedOffer]) -> list[Issued]:
    offers = Offer.objects.in_bulk({one.offer_id for one in issued})
    former = former_names(offers)
    return [
        Issued(
            offer := offers[one.offer_id],
            name_at(offer.id, offer.name, former, one.issued_at),
            one.issued_at,
        )
        for one in issued
    ]


def newest_tags(customer: str, most: int) -> list[CustomerTag]:
    return list(CustomerTag.objects.filter(customer=customer).order_by("-tagged_at", "tag")[:most])


def claims_of(customer: str, before: tuple[datetime, str] | None, most: int) -> list[ClaimState]:
    """The claims before a (time, canonical code), newest first."""
    return claim_states(list(claims_before(customer, before)[:most]))


def newest_refusals(customer: str, most: int) -> list[AttemptOnCode]:
    """The latest refused attempts on known codes, as far as
    promint.core.claiming.refused_attempts keeps them."""
    attempts = list(refused_attempts.of_customer(customer)[:most])
    states = {state.value: state for state in codes.known({one.code for one in attempts})}
    return [AttemptOnCode(one, states[one.code]) for one in attempts]
