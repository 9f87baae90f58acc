"""."""

from promint.core.customers.ledger import Entry
from promint.core.customers.profile import (
    ClaimState,
    Profile,
    RefusedTry,
    check,
    claim,
    claim_states,
    claims_of,
    counters,
    newest_offers,
    newest_refusals,
    newest_tags,
    profile,
)

__all__ = [
    "ClaimState",
    "Entry",
    "Profile",
    "RefusedTry",
    "check",
    "claim",
    "claim_states",
    "claims_of",
    "counters",
    "ledger",
    "newest_offers",
    "newest_refusals",
    "newest_tags",
    "profile",
]
