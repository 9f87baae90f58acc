"""Customers: what was issued to them, and their claims, newest first."""

from datetime import timedelta

import pytest

from promint.core import claiming, codes, customers
from promint.core.claiming import ClaimState
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.rules import checks
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import Refusal
from promint.core.storage.clock import database_now
from tests.factories import a_list, an_offer, claim, some_codes


def test_a_profile_adds_up_what_claims_issued() -> None:
    coffee = an_offer("Coffee")
    first = a_list(points=100, offers=[coffee.public_id], tags=["spring"])
    second = a_list(points=50, tags=["vip"])
    for promo_list in (first, second):
        claim(some_codes(1, promo_list)[0])
    profile = customers.profile("cust-1")
    assert (profile.points, profile.claim_count) == (150, 2)
    assert [issued.offer for issued in profile.offers] == [coffee]
    assert sorted(profile.tags) == ["spring", "vip"]


def test_an_offer_is_issued_once_for_each_claim() -> None:
    coffee = an_offer("Coffee")
    for code in some_codes(2, a_list(offers=[coffee.public_id])):
        claim(code)
    assert [issued.offer for issued in customers.profile("cust-1").offers] == [coffee, coffee]


def test_whoever_never_claimed_has_nothing() -> None:
    profile = customers.profile("cust-1")
    assert (profile.points, profile.offers, profile.tags, profile.claim_count) == (0, [], [], 0)
    assert customers.claims_of("cust-1", None, 10) == []


def read_in_pages(customer: str, most: int) -> list[ClaimState]:
    read: list[ClaimState] = []
    before = None
    while page := customers.claims_of(customer, before, most):
        assert len(page) <= most
        read += page
        before = page[-1].claim.claimed_at, page[-1].claim.code_id
    return read


def test_claims_are_read_page_by_page_newest_first_even_when_made_at_once() -> None:
    made = some_codes(9)
    noon = database_now()
    for i in range(3):  # three moments, three claims each
        attempts = [Attempt(code, "cust-1", "key_1") for code in made[3 * i : 3 * i + 3]]
        moment = noon + timedelta(seconds=i)
        claim_many(attempts, clock=lambda moment=moment: moment)
    read = read_in_pages("cust-1", 2)
    assert sorted(state.shown for state in read) == sorted(made)
    times = [state.claim.claimed_at for state in read]
    assert times == sorted(times, reverse=True)


def test_a_claim_is_found_by_its_id() -> None:
    (code,) = some_codes(1)
    made = claim(code).claim
    assert made is not None
    found = claiming.find_claim(made.id)
    assert (found.shown, found.claim.customer) == (code, "cust-1")
    assert found.claim.code_id == codes.find(code).value


@pytest.mark.parametrize("claim_id", ["clm_0", "", "💥"])
def test_a_claim_that_does_not_exist_is_not_found(claim_id: str) -> None:
    with pytest.raises(Refused) as refused:
        claiming.find_claim(claim_id)
    assert refused.value.refusal is Refusal.NOT_FOUND


@pytest.mark.parametrize(
    ("customer", "good"),
    [("a/b", True), ("x" * 255, True), ("", False), ("x" * 256, False), ("a\x00b", False)],
)
def test_what_may_be_a_customer(customer: str, good: bool) -> None:
    assert (checks.customer(customer) is None) is good
