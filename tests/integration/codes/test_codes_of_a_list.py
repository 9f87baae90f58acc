"""The codes of a list in pages: each code comes once, whatever the filters are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promint.core import codes
from promint.core.claiming import Attempt, claim_many, reversal
from promint.core.codes import handouts, of_list
from promint.core.models import PromoList
from promint.core.rules import ListType
from promint.core.storage import database_now
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes


@pytest.fixture
def promo_list() -> PromoList:
    """A list with three batches of five codes. In each batch one code is claimed, one is
    cancelled, and one was claimed again after a reversal."""
    made = a_list()
    for place in range(3):
        claimed, cancelled, again, *_ = shown_codes(a_batch(made, 5))
        claim(claimed, f"cust-{place}")
        codes.cancel(cancelled, "lost", ACTOR)
        first = claim(again, "cust-9").claim
        assert first is not None
        reversal.reverse(first.id, "returned", ACTOR, available_again=True)
        claim(again, "cust-10")
    return made


def pages(wanted: of_list.Wanted, most: int) -> list[list[str]]:
    found, after = [], None
    while True:
        page = of_list.page(wanted, after, most)
        found.append([one.value for one in page.codes])
        if (after := page.next) is None:
            return found


def together(wanted: of_list.Wanted, most: int = 4) -> list[str]:
    return [value for page in pages(wanted, most) for value in page]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize(
    ("status", "codes_there"), [("", 15), ("available", 6), ("claimed", 6), ("cancelled", 3)]
)
def test_every_code_comes_once(
    promo_list: PromoList, status: str, codes_there: int, newest_first: bool
) -> None:
    wanted = of_list.Wanted(promo_list, None, status, newest_first=newest_first)
    assert len(together(wanted)) == len(set(together(wanted))) == codes_there
    assert all(len(page) <= 4 for page in pages(wanted, 4))
    other = of_list.Wanted(promo_list, None, status, newest_first=not newest_first)
    assert together(other) == together(wanted)[::-1]


def test_codes_are_filtered_by_batch(promo_list: PromoList) -> None:
    batch = promo_list.batches.order_by("created_at")[1]
    assert len(together(of_list.Wanted(promo_list, batch))) == 5
    assert len(together(of_list.Wanted(promo_list, batch, "claimed"))) == 2


def test_a_multi_use_list_shows_its_one_code() -> None:
    shared = a_list(ListType.MULTI_USE, code="Spring Sale")
    assert together(of_list.Wanted(shared)) == ["SPRINGSALE"]
    assert together(of_list.Wanted(shared, None, "claimed")) == []


def test_a_page_looks_at_a_bounded_number_of_codes(
    promo_list: PromoList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_list, "LOOKED_AT", 6)
    found = pages(of_list.Wanted(promo_list, None, "available"), 50)
    assert len(found) == 3
    assert sum(map(len, found)) == 6


@pytest.mark.parametrize("status", ["", "available", "claimed", "cancelled"])
@pytest.mark.parametrize("handed_out", [None, True])
def test_no_page_sorts_counts_or_skips(
    promo_list: PromoList, status: str, handed_out: bool | None
) -> None:
    handouts.hand_out(promo_list.public_id, "cust-7", ACTOR)
    with CaptureQueriesContext(connection) as asked:
        together(of_list.Wanted(promo_list, None, status, handed_out), 2)
    for query in asked:
        assert "COUNT(" not in query["sql"]
        assert "OFFSET" not in query["sql"]
    if connection.vendor != "sqlite":
        return
    big = [one["sql"] for one in asked if "LIMIT 3" in one["sql"]]
    assert big
    with connection.cursor() as cursor:
        for sql in big:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(row[3] for row in cursor.fetchall())
            assert "SCAN" not in plan, plan
            assert "TEMP B-TREE FOR ORDER BY" not in plan, plan


def test_claims_of_one_moment_keep_their_order() -> None:
    made = a_list()
    now = database_now()

    claim_many(
        [Attempt(code, "cust-1", "key_1") for code in shown_codes(a_batch(made, 9))],
        clock=lambda: now,
    )
    assert len(set(together(of_list.Wanted(made, None, "claimed"), 2))) == 9


def test_codes_are_filtered_by_whether_they_are_handed_out(promo_list: PromoList) -> None:
    given, _ = handouts.hand_out(promo_list.public_id, "cust-7", ACTOR)
    yes = together(of_list.Wanted(promo_list, handed_out=True))
    no = together(of_list.Wanted(promo_list, handed_out=False))
    assert yes == [given.handout.code]
    assert len(no) == 14


@pytest.mark.parametrize("newest_first", [True, False])
def test_codes_that_were_handed_out_are_found_at_once_in_the_order_in_which_they_were(
    promo_list: PromoList, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    """However many codes of the list were not."""
    given = [
        handouts.hand_out(promo_list.public_id, f"cust-{n}", ACTOR)[0].handout.code
        for n in range(5)
    ]
    monkeypatch.setattr(of_list, "LOOKED_AT", 5)
    wanted = of_list.Wanted(promo_list, handed_out=True, newest_first=newest_first)
    assert together(wanted, 2) == (given[::-1] if newest_first else given)
    assert len(pages(wanted, 5)) == 1
    claim(given[0], "cust-0")
    assert together(of_list.Wanted(promo_list, None, "claimed", handed_out=True)) == given[:1]
    assert set(together(of_list.Wanted(promo_list, None, "available", True))) == set(given[1:])
