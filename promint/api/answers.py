"""The JSON of claims and outcomes, the same wherever it is answered."""

from datetime import UTC, datetime
from typing import Any

from promint.core.lists import ListFacts, Outcomes
from promint.core.models import Offer
from promint.core.rules import ids


def rfc3339(moment: datetime) -> str:
    """UTC, with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def outcomes(issued: Outcomes) -> dict[str, Any]:
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
) -> dict[str, Any]:
    return {
        "id": claim_id,
        "code": shown,
        "customer": customer,
        "list": facts.public_id,
        "claimed_at": rfc3339(claimed_at),
        "reversed_at": reversed_at and rfc3339(reversed_at),
        "outcomes": outcomes(facts.outcomes),
    }
