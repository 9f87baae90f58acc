"""Writes what claims issue: the claims, points, offers and tags, and all counters of them."""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from promint.core.claiming.callers import hour_of
from promint.core.lists import ListFacts
from promint.core.storage import Insert, keep_plans, sent

# Inserts the claims. The primary key refuses a second claim of a code.
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
# Inserts an entry in the points ledger for each claim that issues points.
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
# Inserts the offers that each claim issues to its customer.
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
# Inserts the tags. A tag that the customer has already is not changed.
_TAGS = Insert(
    "core_customertag",
    {"customer": "text", "tag": "text", "tagged_at": "timestamptz"},
    "ON CONFLICT (customer, tag) DO NOTHING",
)
# Inserts customers at their first claim, and otherwise adds to their balance and number of claims.
_CUSTOMERS = Insert(
    "core_customer",
    {"id": "text", "points": "bigint", "claims": "bigint"},
    "ON CONFLICT (id) DO UPDATE SET points = core_customer.points + excluded.points,"
    " claims = core_customer.claims + excluded.claims",
)
# Adds to the number of claims of a list, and of those whose code was handed out.
_COUNT = (
    "UPDATE core_listcounter SET claims = claims + %s, handed_out_gone = handed_out_gone + %s"
    " WHERE list_id = %s"
)
# Adds to the number of claims of each list in each hour, from which charts are drawn.
_HOURS = Insert(
    "core_claimhour",
    {"list_id": "bigint", "hour": "timestamptz", "claims": "bigint"},
    "ON CONFLICT (list_id, hour) DO UPDATE SET claims = core_claimhour.claims + excluded.claims",
)


class NewClaim(NamedTuple):
    id: str
    code: str  # canonical
    customer: str
    facts: ListFacts
    claimed_at: datetime
    round: int = 0  # how often the code had been made available again
    was_handed_out: bool = False


def issue(claims: list[NewClaim]) -> None:
    """Write everything that the claims issue, in sorted order.

    If a code was claimed already, or a cap would be exceeded, the database refuses this by a
    primary key or by the counter's constraint, even if the attempt was judged wrongly.
    """
    if not claims:
        return
    keep_plans()
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
    handed_out = Counter(c.facts.id for c in claims if c.was_handed_out)
    for list_id, n in sorted(per_list.items()):  # the rows exist, since they are locked
        sent(_COUNT, [n, handed_out[list_id], list_id])
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
