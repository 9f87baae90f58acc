"""The JSON of claims, outcomes and reversals. Answers and events use the same."""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from promint.core.lists import ListFacts, Outcomes
from promint.core.models import Offer
from promint.core.rules import ids, rfc3339

if TYPE_CHECKING:
    from promint.core.claiming.reading import ClaimState
    from promint.core.claiming.reversal import Reversed

Json = dict[str, Any]


@lru_cache(1024)  # no caller changes the result
def outcomes(issued: Outcomes) -> Json:
    return {
        "points": issued.points,
        "offers": [
            {"id": ids.public(Offer.PREFIX, key), "name": name} for key, name in issued.offers
        ],
        "tags": list(issued.tags),
    }


def claim(
    claim_id: str,
    shown: str,
    customer: str,
    facts: ListFacts,
    claimed_at: datetime,
    reversed_at: datetime | None = None,
) -> Json:
    return {
        "id": claim_id,
        "code": shown,
        "customer": customer,
        "list": facts.public_id,
        "claimed_at": rfc3339(claimed_at),
        "reversed_at": reversed_at and rfc3339(reversed_at),
        "outcomes": outcomes(facts.outcomes_at(claimed_at)),
    }


def claim_of(state: "ClaimState") -> Json:
    made = state.claim
    return claim(
        made.id, state.shown, made.customer, state.facts, made.claimed_at, made.reversed_at
    )


def reversal(found: "Reversed") -> Json:
    return {
        "claim": found.claim.claim.id,
        "reversed_at": rfc3339(found.reversal.reversed_at),
        "reason": found.reversal.reason,
        "code": "available_again" if found.reversal.available_again else "stays_used",
        "taken_back": outcomes(found.taken_back),
    }
