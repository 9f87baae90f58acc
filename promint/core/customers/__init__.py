"""Customers: what was issued to them, and the points of each claim."""

from promint.core.customers.finding import Found, Recent, exists, find, latest
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
    "Found",
    "Profile",
    "Recent",
    "claims_of",
    "counters",
    "exists",
    "find",
    "latest",
    "ledger",
    "newest_offers",
    "newest_refusals",
    "newest_tags",
    "profile",
]
