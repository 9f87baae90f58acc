"""Reversals at the same moment as claims, as each other, and as edits of the cap; and with
guards switched off."""

from collections import Counter

import pytest

from promint.core import customers
from promint.core.models import Claim, ListCounter, PointsEntry, Reversal
from promint.core.rules.rules import ListType
from tests.concurrency.rush import Action, rush
from tests.factories import a_list, claim, some_codes
from tests.soundness import assert_every_invariant_holds


def claimed(code: str, customer: str = "cust-1") -> str:
    made = claim(code, customer).claim
    assert made is not None
    return made.id


def reversals(claim_id: str, times: int, *, again: bool) -> list[Action]:
    return [{"do": "reverse", "claim": claim_id, "available_again": again} for _ in range(times)]


def test_of_many_reversals_of_one_claim_one_is_made_and_all_get_its_answer() -> None:
    (code,) = some_codes(1)
    claim_id = claimed(code)
    outcomes = Counter(rush(reversals(claim_id, 32, again=True)))
    assert len(outcomes) == 1
    assert Reversal.objects.count() == 1
    assert customers.profile("cust-1").points == 0
    assert ListCounter.objects.get().claims == 0
    assert_every_invariant_holds()


def test_of_two_ways_to_reverse_one_claim_one_wins() -> None:
    (code,) = some_codes(1)
    claim_id = claimed(code)
    both = reversals(claim_id, 16, again=True) + reversals(claim_id, 16, again=False)
    outcomes = Counter(rush(both))
    assert outcomes.pop("already_reversed") == 16
    assert list(outcomes.values()) == [16]
    assert_every_invariant_holds()


def test_a_code_that_is_available_again_is_claimed_once_however_many_wait_for_it() -> None:
    raced = some_codes(20)
    actions: list[Action] = []
    for i, code in enumerate(raced):
        claims = [{"do": "claim", "code": code, "customer": f"cust-{i}-{n}"} for n in range(4)]
        actions += [*claims[:2], *reversals(claimed(code), 1, again=True), *claims[2:]]
    outcomes = rush(actions, threads=20)
    for i in range(len(raced)):
        verdicts = Counter(one.split()[0] for one in outcomes[5 * i : 5 * i + 5])
        assert verdicts["reversed"] == 1
        assert verdicts["claimed"] <= 1
        assert verdicts["claimed"] + verdicts["code_already_claimed"] == 4
    assert_every_invariant_holds()


def test_the_cap_holds_while_places_become_free_and_the_cap_is_edited() -> None:
    promo_list = a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=20)
    made = [claimed("springsale", f"early-{i}") for i in range(20)]
    actions: list[Action] = []
    for i, claim_id in enumerate(made):
        actions += [
            {"do": "claim", "code": "springsale", "customer": f"late-{i}-{n}"} for n in "ab"
        ]
        actions += reversals(claim_id, 1, again=True)
    actions += [
        {"do": "edit", "list": promo_list.public_id, "entry_cap": cap} for cap in (18, 15, 12)
    ]
    rush(actions)
    counter = ListCounter.objects.get()
    assert counter.entry_cap is not None
    assert counter.claims <= counter.entry_cap
    assert counter.claims == Claim.objects.count() - 20
    assert_every_invariant_holds()


def test_a_tag_stays_while_one_claim_of_it_is_made_and_another_taken_back() -> None:
    lists = [a_list(tags=["vip"]) for _ in range(2)]
    actions: list[Action] = []
    for i, (old, new) in enumerate(zip(*(some_codes(20, one) for one in lists), strict=True)):
        customer = f"cust-{i}"
        actions += reversals(claimed(old, customer), 1, again=False)
        actions.append({"do": "claim", "code": new, "customer": customer})
    rush(actions, threads=20)
    assert all(customers.profile(f"cust-{i}").tags == ["vip"] for i in range(20))
    assert_every_invariant_holds()


@pytest.mark.usefixtures("breakable")
def test_without_the_lock_the_key_still_lets_one_reversal_be_made() -> None:
    (code,) = some_codes(1)
    rush(reversals(claimed(code), 32, again=True), without=("reversal",))
    assert Reversal.objects.count() == 1
    assert PointsEntry.objects.filter(reversal=True).count() == 1


@pytest.mark.usefixtures("breakable")
@pytest.mark.parametrize("guard", ["judge", "lock"])
def test_without_a_guard_the_index_still_lets_one_claim_a_code_that_is_available_again(
    guard: str,
) -> None:
    (code,) = some_codes(1)
    rush(reversals(claimed(code), 1, again=True))
    actions: list[Action] = [
        {"do": "claim", "code": code, "customer": f"late-{i}"} for i in range(32)
    ]
    rush(actions, threads=8, without=(guard,))
    assert Claim.objects.count() == 2
