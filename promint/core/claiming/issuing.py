"""Writing what claims issue: the claim, its points, offers and tags, and the counters of it all."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from promint.core.claiming.callers import hour_of
from promint.core.lists import ListFacts
from promint.core.storage import Insert

# The claims: their keys refuse a second claim of a code.
_CLAIMS = Insert(
    "core_claim",
    {
        "code": "text",
        "customer": "text",
        "round": "smallint",
        "list_id": "bigint",
        "id": "text",
        "claimed_at": "timestamptz",
        "single_use": "boolean",
    },
)
# The ledger: an entry for each claim that brings points.
_POINTS = Insert(
    "core_pointsentry",
    {
        "customer": "text",
        "code": "text",
        "round": "smallint",
        "points": "bigint",
        "issued_at": "timestamptz",
    },
)
# The offers that each claim brings its customer.
_OFFERS = Insert(
    "core_issuedoffer",
    {
        "customer": "text",
        "code": "text",
        "round": "smallint",
        "offer_id": "bigint",
        "issued_at": "timestamptz",
    },
)
# The tags: one that the customer has already stays as it is.
_TAGS = Insert(
    "core_customertag",
    {"customer": "text", "tag": "text", "tagged_at": "timestamptz"},
    "ON CONFLICT (customer, tag) DO NOTHING",
)
# The customers: made at their first claim, then balance and number of claims are added to.
_CUSTOMERS = Insert(
    "core_customer",
    {"id": "text", "points": "bigint", "claims": "bigint"},
    "ON CONFLICT (id) DO UPDATE SET points = core_customer.points + excluded.points,"
    " claims = core_customer.claims + excluded.claims",
)
# How many claims each list had in each hour: what charts are drawn from.
_HOURS = Insert(
    "core_claimhour",
    {"list_id": "bigint", "hour": "timestamptz", "claims": "bigint"},
    "ON CONFLICT (list_id, hour) DO UPDATE SET claims = core_claimhour.claims + excluded.claims",
)


@dataclass(frozen=True, slots=True)
class NewClaim:
    id: str
    code: str  # canonical
    customer: str
    facts: ListFacts
    claimed_at: datetime
    round: int = 0  # how often the code was made available again before


class CounterMismatch(Exception):
    """A list's counter row was not there to count: the database is not as it should be."""


def issue(claims: list[NewClaim]) -> None:
    """Write all of it, rows in sorted order. A second claim of a code collides on its keys, and a
    claim over the cap on the counter's constraint: the database refuses, whatever was judged."""
    if not claims:
        return
    claims = sorted(claims, key=lambda c: (c.code, c.customer))
    _count(claims)
    _CLAIMS.many(
        [
            (c.code, c.customer, c.round, c.facts.id, c.id, c.claimed_at, c.facts.single_use)
            for c in claims
        ]
    )
    _issue_to_customers(sorted(claims, key=lambda c: (c.customer, c.code)))


def _count(claims: list[NewClaim]) -> None:
    per_list = Counter(c.facts.id for c in claims)
    with connection.cursor() as cursor:
        for list_id, n in sorted(per_list.items()):
            cursor.execute(
                "UPDATE core_listcounter SET claims = claims + %s WHERE list_id = %s", [n, list_id]
            )
            if cursor.rowcount != 1:
                raise CounterMismatch(list_id)
    hours = Counter((c.facts.id, hour_of(c.claimed_at)) for c in claims)
    _HOURS.many([(list_id, hour, n) for (list_id, hour), n in sorted(hours.items())])


def _issue_to_customers(claims: list[NewClaim]) -> None:
    points: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for c in claims:
        points[c.customer] += c.facts.outcomes.points
        count[c.customer] += 1
    _CUSTOMERS.many([(customer, points[customer], count[customer]) for customer in sorted(count)])
    _POINTS.many(
        [
            (c.customer, c.code, c.round, c.facts.outcomes.points, c.claimed_at)
            for c in claims
            if c.facts.outcomes.points
        ]
    )
    _OFFERS.many(
        [
            (c.customer, c.code, c.round, offer_id, c.claimed_at)
            for c in claims
            for offer_id, _ in c.facts.outcomes.offers
        ]
    )
    tags = {(c.customer, tag): c.claimed_at for c in claims for tag in c.facts.outcomes.tags}
    _TAGS.many([(customer, tag, at) for (customer, tag), at in sorted(tags.items())])
