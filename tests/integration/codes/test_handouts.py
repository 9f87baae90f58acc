"""Codes that are handed out to people: the same person always gets the same code, and nobody
else gets it."""

import json
from datetime import timedelta
from functools import partial

import pytest

from promint.core import codes
from promint.core.claiming import reversal
from promint.core.codes import handouts, stock
from promint.core.events import endpoints
from promint.core.models import BatchStock, Delivery, Handout, PromoList
from promint.core.rules import HandoutRules
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import ListType, Refusal
from promint.core.storage.clock import database_now
from tests.at_once import all_at_once
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_pending_batch,
    claim,
    shown_codes,
    third_party_codes,
)
from tests.soundness import assert_every_invariant_holds


def given(promo_list: PromoList, recipient: str = "cust-1", *, early: bool = False) -> str:
    """The code, as people read it."""
    return handouts.hand_out(promo_list.public_id, recipient, ACTOR, early=early)[0].shown


def refused(promo_list: PromoList, recipient: str = "cust-1", *, early: bool = False) -> Refusal:
    with pytest.raises(Refused) as caught:
        given(promo_list, recipient, early=early)
    return caught.value.refusal


def handed_out_days_ago(days: int) -> None:
    Handout.objects.update(handed_out_at=database_now() - timedelta(days=days))


def test_the_same_person_gets_the_same_code_and_others_get_others() -> None:
    promo_list = a_list()
    made = shown_codes(a_batch(promo_list, 3))
    first, is_new = handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
    again, is_new_again = handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
    assert (is_new, is_new_again) == (True, False)
    assert again == first
    others = [given(promo_list, f"cust-{i}") for i in (2, 3)]
    assert {first.shown, *others} == set(made)
    assert_every_invariant_holds()


def test_the_oldest_batch_goes_first_and_one_that_is_not_active_is_left_alone() -> None:
    promo_list = a_list()
    second, third = a_batch(promo_list, 1), a_batch(promo_list, 1)
    a_pending_batch(promo_list, 2)
    assert [given(promo_list, "cust-1"), given(promo_list, "cust-2")] == [
        *shown_codes(second),
        *shown_codes(third),
    ]
    assert refused(promo_list, "cust-3") is Refusal.NO_CODES_LEFT


def test_codes_that_are_claimed_or_cancelled_are_not_handed_out() -> None:
    promo_list = a_list()
    claimed, cancelled, free = shown_codes(a_batch(promo_list, 3))
    claim(claimed, "cust-9")
    codes.cancel(cancelled, "lost", ACTOR)
    assert given(promo_list) == free
    assert refused(promo_list, "cust-2") is Refusal.NO_CODES_LEFT
    assert given(promo_list) == free


def test_codes_that_were_typed_elsewhere_read_as_they_were_uploaded() -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    third_party_codes(promo_list, ["partner-0001"])
    assert given(promo_list) == "PARTNER0001"


def test_a_further_batch_brings_codes_when_none_was_left() -> None:
    promo_list = a_list()
    assert refused(promo_list) is Refusal.NO_CODES_LEFT
    (code,) = shown_codes(a_batch(promo_list, 1))
    assert given(promo_list) == code


def test_a_code_that_is_available_again_is_handed_out_though_the_others_are_gone() -> None:
    promo_list = a_list()
    taken = shown_codes(a_batch(promo_list, 3))
    made = claim(taken[0], "cust-9").claim
    assert made is not None
    for i in (1, 2):
        given(promo_list, f"cust-{i}")
    assert refused(promo_list, "cust-3") is Refusal.NO_CODES_LEFT
    assert BatchStock.objects.get().begins == stock.END
    reversal.reverse(made.id, "returned", ACTOR, available_again=True)
    assert given(promo_list, "cust-3") == taken[0]
    assert refused(promo_list, "cust-4") is Refusal.NO_CODES_LEFT
    assert_every_invariant_holds()


def test_a_search_goes_on_where_the_last_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "REACH", 2)
    monkeypatch.setattr(stock, "STRIDES", 2)
    promo_list = a_list()
    made = shown_codes(a_batch(promo_list, 9))
    for code in made[:8]:
        codes.cancel(code, "lost", ACTOR)
    assert given(promo_list) == made[8]


def test_more_codes_than_are_remembered_let_the_search_begin_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stock, "MOST_RETURNED", 1)
    promo_list = a_list()
    made = shown_codes(a_batch(promo_list, 2))
    claims = [claim(code, "cust-9").claim for code in made]
    assert refused(promo_list) is Refusal.NO_CODES_LEFT
    for one in claims:
        assert one is not None
        reversal.reverse(one.id, "returned", ACTOR, available_again=True)
    assert {given(promo_list, "cust-1"), given(promo_list, "cust-2")} == set(made)


def test_a_list_may_allow_several_codes_each_and_then_the_latest_comes_again() -> None:
    promo_list = a_list(handout=HandoutRules(per_recipient=2))
    a_batch(promo_list, 3)
    first, second, third = (given(promo_list) for _ in range(3))
    assert first != second == third
    assert_every_invariant_holds()


def test_before_the_start_codes_are_handed_out_early_only_when_that_is_said() -> None:
    promo_list = a_list(starts_in=timedelta(days=1))
    a_batch(promo_list, 1)
    assert refused(promo_list) is Refusal.CODE_NOT_ACTIVE
    code = given(promo_list, early=True)
    assert given(promo_list) == code
    assert claim(code).verdict == "code_not_active"


def test_a_completed_list_hands_out_nothing_new_but_tells_what_it_handed_out() -> None:
    promo_list = a_list(entry_cap=1)
    a_batch(promo_list, 3)
    code = given(promo_list)
    claim(code)
    assert refused(promo_list, "cust-2", early=True) is Refusal.LIST_COMPLETED
    state, is_new = handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
    assert (state.shown, is_new) == (code, False)
    assert state.claimed_at is not None


def test_a_multi_use_code_is_handed_out_to_nobody() -> None:
    assert refused(a_list(ListType.MULTI_USE)) is Refusal.WRONG_LIST_TYPE


@pytest.mark.parametrize("recipient", ["", "x" * 256, "a\nb"])
def test_a_recipient_is_a_customer(recipient: str) -> None:
    promo_list = a_list()
    a_batch(promo_list, 1)
    assert refused(promo_list, recipient) is Refusal.INVALID_REQUEST


def test_a_bound_code_is_found_by_its_recipient_alone() -> None:
    promo_list = a_list(handout=HandoutRules(bound=True))
    a_batch(promo_list, 2)
    code = given(promo_list)
    verdicts = [claim(code, "cust-2").verdict for _ in range(11)]
    assert verdicts == ["code_not_found"] * 10 + ["too_many_attempts"]
    assert claim(code, "cust-1").verdict == "claimed"
    assert claim(code, "cust-3").verdict == "code_not_found"
    assert claim(code, "cust-1").verdict == "already_claimed_by_customer"
    assert_every_invariant_holds()


def test_a_code_of_a_bound_list_that_nobody_has_yet_can_be_claimed_by_anyone() -> None:
    promo_list = a_list(handout=HandoutRules(bound=True))
    (code,) = shown_codes(a_batch(promo_list, 1))
    assert claim(code, "cust-2").verdict == "claimed"
    assert refused(promo_list) is Refusal.NO_CODES_LEFT


def test_a_code_that_is_not_bound_can_be_claimed_by_whoever_has_it() -> None:
    promo_list = a_list()
    a_batch(promo_list, 1)
    assert claim(given(promo_list), "cust-2").verdict == "claimed"
    assert_every_invariant_holds()


def test_a_bound_code_stays_its_recipients_after_the_claim_was_taken_back() -> None:
    promo_list = a_list(handout=HandoutRules(bound=True))
    a_batch(promo_list, 1)
    code = given(promo_list)
    made = claim(code, "cust-1").claim
    assert made is not None
    reversal.reverse(made.id, "returned", ACTOR, available_again=True)
    assert claim(code, "cust-2").verdict == "code_not_found"
    assert refused(promo_list, "cust-2") is Refusal.NO_CODES_LEFT
    assert claim(code, "cust-1").verdict == "claimed"
    assert_every_invariant_holds()


def test_a_code_that_was_handed_out_ends_after_the_days_that_its_list_gives_it() -> None:
    promo_list = a_list(handout=HandoutRules(valid_days=7))
    _, free = shown_codes(a_batch(promo_list, 2))
    code = given(promo_list)
    handed_out_days_ago(6)
    assert claim(code, "cust-1", validate_only=True).verdict == "claimed"
    handed_out_days_ago(7)
    assert claim(code, "cust-1").verdict == "code_expired"
    assert claim(free, "cust-1").verdict == "claimed"


def test_of_those_who_ask_a_closed_list_at_once_only_those_without_a_code_are_refused() -> None:
    promo_list = a_list(entry_cap=1)
    a_batch(promo_list, 3)
    code = given(promo_list)
    claim(code)
    asked = [partial(given, promo_list, f"cust-{i % 4}") for i in range(16)]
    answers = all_at_once(asked)
    assert [a for i, a in enumerate(answers) if i % 4 == 1] == [code] * 4
    others = [a for i, a in enumerate(answers) if i % 4 != 1]
    assert {a.refusal for a in others if isinstance(a, Refused)} == {Refusal.LIST_COMPLETED}


def test_what_goes_wrong_for_those_who_ask_at_once_is_said_to_all_and_the_next_are_served() -> None:
    nowhere = [partial(handouts.hand_out, "lst_0", f"cust-{i}", ACTOR) for i in range(16)]
    assert all(isinstance(answer, Refused) for answer in all_at_once(nowhere))
    assert all(isinstance(answer, Refused) for answer in all_at_once(nowhere))


def test_a_handout_is_told_once_to_whoever_listens() -> None:
    endpoints.create("https://shop.example/hooks", ["code.handed_out"], ACTOR)
    promo_list = a_list()
    a_batch(promo_list, 1)
    code = given(promo_list)
    given(promo_list)
    told = json.loads(Delivery.objects.get().body)
    handout = Handout.objects.get()
    assert told["type"] == "code.handed_out"
    assert told["data"] == {
        "id": handout.id,
        "list": promo_list.public_id,
        "recipient": "cust-1",
        "code": code,
        "handed_out_at": handout.handed_out_at.isoformat().replace("+00:00", "Z"),
        "ends_at": None,
    }
