"""Customers: what was issued to them, and their points claim by claim."""

from promint.core.customers.ledger import Entry
from promint.core.customers.profile import (
    AttemptOnCode,
    Profile,
    claims_of,
    counters,
    newest_offers,
    newest_refusals,
    newest_tags,
    profile,
)

__all__ = [
    "AttemptOnCode",
    "Entry",
    "Profile",
    "claims_of",
    "counters",
    "ledger",
    "newest_offers",
    "newest_refusals",
    "newest_tags",
    "profile",
]
