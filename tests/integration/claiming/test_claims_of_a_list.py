"""The claims of a list, page by page, by customer, code and time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promint.core.claiming import of_list, reversal
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.models import PromoList
from promint.core.rules import ListType
from promint.core.storage import database_now
from tests.factories import ACTOR, a_list, claim, some_codes

HOUR = timedelta(hours=1)


def pages(wanted: of_list.Wanted, most: int) -> Iterator[list[str]]:
    """The customers on each page."""
    found = of_list.page(wanted, None, most)
    yield [one.claim.customer for one in found.claims]
    while found.next is not None:
        found = of_list.page(wanted, found.next, most)
        yield [one.claim.customer for one in found.claims]


def together(wanted: of_list.Wanted, most: int = 50) -> list[str]:
    return [customer for page in pages(wanted, most) for customer in page]


def claimed_at(code: str, customer: str, ago: timedelta) -> None:
    at = database_now() - ago
    claim_many([Attempt(code, customer, "key_1")], clock=lambda: at)


@pytest.fixture
def codes() -> list[str]:
    """Of one list: claimed by cust-0 (the oldest), cust-1, … and one more by cust-0."""
    made = some_codes(7, a_list())
    for i, code in enumerate(made[:5]):
        claimed_at(code, f"cust-{i}", (10 - i) * HOUR)
    claim(made[5], "cust-0")
    other = a_list(ListType.MULTI_USE, code="Shared")
    for i in range(5):
        claim("Shared", f"cust-{i}")
    assert other.named_code
    return made


@pytest.fixture
def promo_list(codes: list[str]) -> PromoList:
    return PromoList.objects.get(type=ListType.SINGLE_USE)


def test_all_claims_come_once_and_newest_first(promo_list: PromoList) -> None:
    newest_first = ["cust-0", "cust-4", "cust-3", "cust-2", "cust-1", "cust-0"]
    for most in (1, 2, 3, 6, 50):
        assert together(of_list.Wanted(promo_list), most) == newest_first
    assert [len(page) for page in pages(of_list.Wanted(promo_list), 2)] == [2, 2, 2]


def test_claims_of_one_moment_all_come() -> None:
    promo_list, now = a_list(ListType.MULTI_USE, code="Many"), database_now()
    everyone = [f"cust-{i:02}" for i in range(40)]
    claim_many([Attempt("Many", one, "key_1") for one in everyone], clock=lambda: now)
    assert sorted(together(of_list.Wanted(promo_list), 3)) == everyone


def test_a_customers_claims_are_those_of_this_list(promo_list: PromoList) -> None:
    assert together(of_list.Wanted(promo_list, customer="cust-0")) == ["cust-0", "cust-0"]
    assert together(of_list.Wanted(promo_list, customer="CUST-0")) == []
    shared = PromoList.objects.get(type=ListType.MULTI_USE)
    assert together(of_list.Wanted(shared, customer="cust-0")) == ["cust-0"]
    assert together(of_list.Wanted(shared, customer="nobody")) == []


def test_a_code_finds_its_claim_however_it_is_typed(
    promo_list: PromoList, codes: list[str]
) -> None:
    for typed in (codes[2], codes[2].lower().replace("-", " ")):
        assert together(of_list.Wanted(promo_list, code=typed)) == ["cust-2"]
    assert together(of_list.Wanted(promo_list, customer="cust-1", code=codes[2])) == []
    for typed in (codes[6], "Shared", "!", "x"):
        assert together(of_list.Wanted(promo_list, code=typed)) == []


def test_the_code_of_a_multi_use_list_finds_all_of_its_claims(codes: list[str]) -> None:
    shared = PromoList.objects.get(type=ListType.MULTI_USE)
    assert len(together(of_list.Wanted(shared, code="shared"), 2)) == 5
    assert together(of_list.Wanted(shared, code="shared", customer="cust-3")) == ["cust-3"]
    assert together(of_list.Wanted(shared, code=codes[0])) == []


def test_a_code_that_was_claimed_again_has_both_claims(
    promo_list: PromoList, codes: list[str]
) -> None:
    first = of_list.page(of_list.Wanted(promo_list, code=codes[3]), None, 5).claims[0]
    reversal.reverse(first.claim.id, "returned", ACTOR, available_again=True)
    claim(codes[3], "cust-9")
    found = of_list.page(of_list.Wanted(promo_list, code=codes[3]), None, 5).claims
    assert [one.claim.customer for one in found] == ["cust-9", "cust-3"]
    assert [one.claim.reversed_at is not None for one in found] == [False, True]


def test_times_are_from_and_before(promo_list: PromoList) -> None:
    second = of_list.page(of_list.Wanted(promo_list, customer="cust-1"), None, 1).claims[0].claim
    at = second.claimed_at
    assert together(of_list.Wanted(promo_list, until=at)) == ["cust-0"]
    assert together(of_list.Wanted(promo_list, since=at, until=at + HOUR / 2)) == ["cust-1"]
    assert together(of_list.Wanted(promo_list, since=at + HOUR / 2), 2)[-1] == "cust-2"


def test_a_page_looks_at_a_bounded_number_of_claims_of_other_lists(
    promo_list: PromoList, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(12):
        a_list(ListType.MULTI_USE, code=f"Other{i}")
        claim(f"Other{i}", "cust-0")
    monkeypatch.setattr(of_list, "LOOKED_AT", 4)
    found = list(pages(of_list.Wanted(promo_list, customer="cust-0"), 10))
    assert len(found) == 4  # 15 claims of this customer
    assert found[0] == []
    assert [customer for one in found for customer in one] == ["cust-0", "cust-0"]


INDEX_OF = {
    "list": "claim_by_list",
    "customer": "claim_by_customer",
    "code": "core_claim_pk" if connection.vendor == "postgresql" else "sqlite_autoindex_core_claim",
}


@pytest.mark.parametrize("by", INDEX_OF)
def test_each_search_uses_one_index_and_neither_counts_nor_skips(
    by: str, promo_list: PromoList, codes: list[str]
) -> None:
    searched = {"list": {}, "customer": {"customer": "cust-0"}, "code": {"code": codes[1]}}[by]
    wanted = of_list.Wanted(promo_list, **searched, since=database_now() - 20 * HOUR)
    # In a table of a few rows all indexes cost the same, and the planner may take any of them. What
    # it knows of the tables may be from a test before this one.
    claim_many([Attempt("Shared", f"crowd-{i}", "key_1") for i in range(3_000)])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE core_claim, core_code, core_batch, core_reversal")
    with CaptureQueriesContext(connection) as asked:
        together(wanted, 1)
    of_claims = [one["sql"] for one in asked if 'FROM "core_claim"' in one["sql"]]
    assert of_claims
    for sql in of_claims:
        assert "COUNT(" not in sql
        assert "OFFSET" not in sql
        plan = plan_of(sql)
        assert index_of(plan, by), plan


def plan_of(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {sql}")
        return [str(row[-1]) for row in cursor.fetchall()]


def index_of(plan: list[str], by: str) -> bool:
    """Whether the claims are found by the index of this search, none by reading all of them."""
    if any("Seq Scan on core_claim" in line or "SCAN core_claim" in line for line in plan):
        return False
    return any(INDEX_OF[by] in line for line in plan)
