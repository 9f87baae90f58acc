"""Reads claims together with the facts of their lists, and their codes as people read them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from promint.core.codes import with_reversals
from promint.core.lists import ListFacts, Outcomes, facts_of
from promint.core.models import Claim
from promint.core.rules import ids, not_found


@dataclass(frozen=True)
class ClaimState:
    claim: Claim
    facts: ListFacts
    shown: str

    @property
    def outcomes(self) -> Outcomes:
        """What the claim issued, with the names that offers had then."""
        return self.facts.outcomes_at(self.claim.claimed_at)


def find_claim(claim_id: str) -> ClaimState:
    if not ids.is_claim(claim_id):
        raise not_found("claim")
    found = with_reversals(Claim.objects.select_related("code").filter(id=claim_id))[:1]
    if not found:
        raise not_found("claim")
    return claim_states(list(found))[0]


def claim_states(claims: list[Claim]) -> list[ClaimState]:
    facts = facts_of(one.list_id for one in claims)
    return [
        ClaimState(one, facts[one.list_id], facts[one.list_id].show(one.code_id, one.code.typed))
        for one in claims
    ]


def claims_with(keys: set[tuple[str, str, int]]) -> dict[tuple[str, str, int], ClaimState]:
    """Claims by code, customer and round, always read with the same number of queries."""
    found = with_reversals(Claim.objects.filter(pk__in=list(keys)).select_related("code"))
    return {
        (state.claim.code_id, state.claim.customer, state.claim.round): state
        for state in claim_states(list(found))
    }


def claims_before(customer: str, before: tuple[datetime, str] | None) -> QuerySet[Claim]:
    """A customer's claims before a (time, canonical code), newest first, read with their codes."""
    found = with_reversals(Claim.objects.filter(customer=customer))
    if before is not None:
        at, code = before
        older = Q(claimed_at__lt=at) | Q(claimed_at=at, code__gt=code)
        found = found.filter(older, claimed_at__lte=at)  # lets the index find the first row
    return found.select_related("code").order_by("-claimed_at", "code")
