"""The points ledger: each entry with the balance after it, in pages."""

from datetime import datetime, timedelta

from promint.core import customers
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.customers import ledger
from promint.core.customers.ledger import Entry
from promint.core.rules.rules import ListType
from promint.core.storage.clock import database_now
from tests.factories import a_list, claim, some_codes


def some_claims(customer: str = "cust-1") -> None:
    """Five claims of 100 points, one minute apart, the newest now; two of them at the same
    instant."""
    codes = some_codes(5, a_list(points=100))
    now = database_now()
    for minutes, together in ((3, codes[:1]), (2, codes[1:3]), (1, codes[3:4]), (0, codes[4:])):
        at = now - timedelta(minutes=minutes)
        claim_many([Attempt(code, customer, "key_x") for code in together], clock=lambda at=at: at)  # type: ignore[misc]


def position(entry: Entry) -> tuple[datetime, str]:
    return entry.position


def test_each_entry_shows_the_balance_after_it_newest_first() -> None:
    some_claims()
    some_claims("cust-2")
    entries = ledger.entries("cust-1", None, 50)
    assert [(entry.points, entry.balance) for entry in entries] == [
        (100, 500),
        (100, 400),
        (100, 300),
        (100, 200),
        (100, 100),
    ]
    assert customers.profile("cust-1").points == 500


def test_pages_go_on_exactly_where_the_last_one_ended_also_within_one_instant() -> None:
    some_claims()
    whole = ledger.entries("cust-1", None, 50)
    for size in (1, 2, 3):
        paged: list[Entry] = []
        before = None
        while page := ledger.entries("cust-1", before, size):
            paged += page
            before = position(page[-1])
        assert [(position(e), e.balance) for e in paged] == [
            (position(e), e.balance) for e in whole
        ]


def test_a_claim_without_points_makes_no_entry() -> None:
    a_list(ListType.MULTI_USE, code="TagsOnly", points=None, tags=["vip"])
    claim("TagsOnly")
    assert ledger.entries("cust-1", None, 50) == []
    some_claims()
    assert len(ledger.entries("cust-1", None, 50)) == 5


def test_an_unknown_customer_has_an_empty_ledger() -> None:
    assert ledger.entries("nobody", None, 50) == []
