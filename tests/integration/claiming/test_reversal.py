"""Claims that are taken back: what is withdrawn, what stays, and whether the code can be claimed
again."""

from datetime import timedelta

import pytest

from promint.core import codes, customers, lists
from promint.core.claiming import code_life, find_claim, reversal
from promint.core.customers import ledger
from promint.core.exports import rows
from promint.core.models import AuditEntry, Claim, Customer, Export, ListCounter
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import ListStatus, ListType, Refusal
from promint.core.storage.clock import database_now
from tests.factories import ACTOR, a_batch, a_list, an_offer, claim, shown_codes, some_codes
from tests.soundness import assert_every_invariant_holds


def claimed(code: str, customer: str = "cust-1") -> str:
    made = claim(code, customer).claim
    assert made is not None
    return made.id


def taken_back(claim_id: str, reason: str = "", *, again: bool = False) -> reversal.Reversed:
    return reversal.reverse(claim_id, reason, ACTOR, available_again=again)


def test_what_was_issued_goes_back_and_the_code_stays_used() -> None:
    offer = an_offer()
    promo_list = a_list(offers=[offer.public_id], tags=["spring"], entry_cap=1)
    (code,) = some_codes(1, promo_list)
    found = taken_back(claimed(code), " order returned ")
    assert found.taken_back == found.claim.facts.outcomes
    assert found.reversal.reason == "order returned"
    profile = customers.profile("cust-1")
    assert (profile.points, profile.offers, profile.tags, profile.claim_count) == (0, [], [], 0)
    state = codes.find(code)
    assert state.status == "claimed"
    assert state.claim is not None
    assert state.claim.reversed_at == found.reversal.reversed_at
    assert lists.find(promo_list.public_id).status(database_now()) is ListStatus.COMPLETED
    assert claim(code, "cust-1").verdict == "already_claimed_by_customer"
    assert claim(code, "cust-2").verdict == "code_already_claimed"
    assert_every_invariant_holds()


def test_a_code_that_is_available_again_goes_to_the_next_customer_and_frees_its_place() -> None:
    promo_list = a_list(entry_cap=1)
    (code,) = some_codes(1, promo_list)
    taken_back(claimed(code), again=True)
    assert codes.find(code).status == "available"
    assert lists.find(promo_list.public_id).status(database_now()) is ListStatus.ACTIVE
    assert claim(code, "cust-2").verdict == "claimed"
    assert claim(code, "cust-1").verdict == "code_already_claimed"
    assert ListCounter.objects.get().claims == 1
    assert_every_invariant_holds()


def test_the_same_customer_can_claim_it_again_and_again() -> None:
    (code,) = some_codes(1, a_list(tags=["spring"], offers=[an_offer().public_id]))
    for _ in range(3):
        taken_back(claimed(code), again=True)
    claimed(code)
    assert list(Claim.objects.order_by("round").values_list("round", flat=True)) == [0, 1, 2, 3]
    profile = customers.profile("cust-1")
    assert (profile.points, len(profile.offers), profile.claim_count) == (100, 1, 1)
    assert profile.tags == ["spring"]
    assert_every_invariant_holds()


def test_a_shared_code_is_given_back_to_its_customer_alone() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=2)
    first, _ = claimed("springsale", "cust-1"), claimed("springsale", "cust-2")
    taken_back(first, again=True)
    assert claim("springsale", "cust-2").verdict == "already_claimed_by_customer"
    assert claim("springsale", "cust-1").verdict == "claimed"
    assert claim("springsale", "cust-3").verdict == "cap_reached"
    assert_every_invariant_holds()


def test_a_tag_that_another_standing_claim_gives_stays() -> None:
    promo_list = a_list(tags=["spring", "vip"])
    first, second = some_codes(2, promo_list)
    claims = claimed(first), claimed(second)
    assert taken_back(claims[0]).taken_back.tags == ()
    assert customers.profile("cust-1").tags == ["spring", "vip"]
    assert taken_back(claims[1]).taken_back.tags == ("spring", "vip")
    assert customers.profile("cust-1").tags == []
    assert_every_invariant_holds()


def test_reversing_twice_changes_nothing_and_gets_the_first_answer() -> None:
    (code,) = some_codes(1)
    claim_id = claimed(code)
    first = taken_back(claim_id, "first")
    second = taken_back(claim_id, "second")
    assert second.reversal.reason == "first"
    assert second.reversal.reversed_at == first.reversal.reversed_at
    with pytest.raises(Refused) as refused:
        taken_back(claim_id, again=True)
    assert refused.value.refusal is Refusal.ALREADY_REVERSED
    assert customers.profile("cust-1").points == 0
    assert AuditEntry.objects.filter(action="claim.reversed").count() == 1
    assert_every_invariant_holds()


def test_a_reason_that_is_too_long_and_a_claim_that_is_not_there_are_refused() -> None:
    (code,) = some_codes(1)
    claim_id = claimed(code)
    with pytest.raises(Refused) as refused:
        taken_back(claim_id, "x" * 501)
    assert set(refused.value.fields) == {"reason"}
    with pytest.raises(Refused) as refused:
        taken_back("clm_" + "0" * 32)
    assert refused.value.refusal is Refusal.NOT_FOUND
    assert find_claim(claim_id).claim.reversed_at is None


def test_what_is_at_stake_says_when_points_are_spent() -> None:
    (code,) = some_codes(1, a_list(points=100, tags=["spring"]))
    state = find_claim(claimed(code))
    Customer.objects.filter(id="cust-1").update(points=30)  # as if 70 were spent
    found = reversal.at_stake(state)
    assert (found.outcomes.points, found.outcomes.tags) == (100, ("spring",))
    assert found.points_after == -70


def test_the_ledger_shows_both_ways_with_the_balance_after_each() -> None:
    first, second = some_codes(2)
    taken_back(claimed(first))
    claimed(second)
    entries = ledger.entries("cust-1", None, 10)
    assert [(e.points, e.balance, e.reversal) for e in entries] == [
        (100, 100, False),
        (-100, 0, True),
        (100, 100, False),
    ]
    paged = [ledger.entries("cust-1", e.position, 1) for e in entries[:2]]
    assert [page[0] for page in paged] == entries[1:]


def test_the_life_of_a_code_tells_every_claim_and_every_reversal() -> None:
    (code,) = some_codes(1)
    taken_back(claimed(code, "cust-1"), "wrong person", again=True)
    claimed(code, "cust-2")
    life = [(s.event, s.customer) for s in code_life.steps_of(codes.find(code))]
    assert life[:3] == [("claimed", "cust-2"), ("reversed", "cust-1"), ("claimed", "cust-1")]


def test_a_code_that_is_available_again_can_be_cancelled() -> None:
    (code,) = some_codes(1)
    taken_back(claimed(code), again=True)
    assert codes.cancel(code, "", ACTOR).status == "cancelled"
    assert_every_invariant_holds()


def test_an_export_shows_the_claims_that_stood_when_it_was_asked_for() -> None:
    promo_list = a_list()
    batch = a_batch(promo_list, 2)
    first, second = shown_codes(batch)
    before, between = claimed(first), claimed(second)
    taken_back(before, again=True)
    asked = Export(list=promo_list, batch=batch, format="csv", created_at=database_now())
    taken_back(between, again=True)
    (page,) = rows.pages(asked)
    assert [(row[0], row[1]) for row in page] == [(first, "available"), (second, "claimed")]
    asked.created_at = database_now() + timedelta(seconds=1)
    (page,) = rows.pages(asked)
    assert {row[1] for row in page} == {"available"}
