"""Codes handed out at the same moment, from many processes; beside claims; and with guards
switched off."""

import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from promint.core import doctor
from promint.core.claiming import snapshot
from promint.core.codes import handouts
from promint.core.models import Claim, Handout, ListCounter
from promint.core.rules import HandoutRules
from promint.core.storage.transactions import joined
from tests.concurrency.rush import Action, rush
from tests.factories import ACTOR, a_batch, a_list, claim, some_codes
from tests.integration.doctor.breakages import without_constraints
from tests.soundness import assert_every_invariant_holds


def broken() -> set[int]:
    return {finding.number for finding in doctor.check() if not finding.holds}


def for_one_recipient(times: int) -> list[Action]:
    promo_list = a_list()
    a_batch(promo_list, times)
    return [{"do": "hand_out", "list": promo_list.public_id, "recipient": "cust-1"}] * times


def test_one_recipient_gets_one_code_however_many_ask_for_it() -> None:
    assert len(set(rush(for_one_recipient(64)))) == 1
    assert Handout.objects.count() == 1
    assert_every_invariant_holds()


def test_each_recipient_gets_a_code_of_their_own_until_none_is_left() -> None:
    promo_list = a_list()
    a_batch(promo_list, 30)
    a_batch(promo_list, 30)
    asked = [f"cust-{i % 64}" for i in range(128)]
    outcomes = rush(
        [{"do": "hand_out", "list": promo_list.public_id, "recipient": one} for one in asked]
    )
    assert Handout.objects.count() == 60
    answers: dict[str, set[str]] = {}
    for recipient, code in zip(asked, outcomes, strict=True):
        answers.setdefault(recipient, set()).add(code)
    assert all(len(codes) == 1 for codes in answers.values())
    assert Counter(code for (code,) in answers.values())["no_codes_left"] == 4
    assert len({code for (code,) in answers.values()}) == 61
    assert_every_invariant_holds()


def test_bound_codes_are_claimed_by_their_recipients_alone_while_they_are_handed_out() -> None:
    promo_list = a_list(handout=HandoutRules(bound=True))
    codes = some_codes(40, promo_list)
    actions: list[Action] = []
    for i, code in enumerate(codes):
        actions.append({"do": "hand_out", "list": promo_list.public_id, "recipient": f"cust-{i}"})
        actions.append({"do": "claim", "code": code, "customer": f"stranger-{i}"})
    outcomes = Counter(rush(actions)[1::2])
    assert set(outcomes) <= {"claimed", "code_not_found"}
    assert outcomes["claimed"] == Claim.objects.count()
    assert Handout.objects.count() + Claim.objects.count() == 40
    assert_every_invariant_holds()


def test_codes_that_are_claimed_while_they_are_handed_out_are_counted_as_both() -> None:
    promo_list = a_list()
    actions: list[Action] = []
    for i, code in enumerate(some_codes(60, promo_list)):
        actions.append({"do": "hand_out", "list": promo_list.public_id, "recipient": f"cust-{i}"})
        actions.append({"do": "claim", "code": code, "customer": f"stranger-{i}"})
    rush(actions)
    assert Claim.objects.count() == 60
    assert_every_invariant_holds()


def claimed_while_it_is_handed_out(bound: bool) -> str:
    """The verdict on a stranger who claims a code just before its handout commits. Codes of the
    list were handed out before."""
    promo_list = a_list(handout=HandoutRules(bound=bound))
    codes = some_codes(2, promo_list)
    first, _ = handouts.hand_out(promo_list.public_id, "cust-0", ACTOR)
    (code,) = set(codes) - {first.shown}
    verdicts: list[str] = []

    def claim_it() -> None:
        verdicts.append(claim(code, "stranger").verdict)
        connection.close()

    claiming = threading.Thread(target=claim_it)
    with transaction.atomic(), joined():
        handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
        claiming.start()
        wait_until_someone_waits_for_a_lock()
    claiming.join()
    return verdicts[0]


def wait_until_someone_waits_for_a_lock() -> None:
    with connection.cursor() as cursor:
        waits = False
        while not waits:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            waits = cursor.fetchone() is not None


@pytest.mark.usefixtures("on_postgresql")
def test_a_stranger_is_judged_after_the_handout_that_was_under_way() -> None:
    assert claimed_while_it_is_handed_out(bound=True) == "code_not_found"
    assert_every_invariant_holds()


@pytest.mark.usefixtures("on_postgresql")
def test_a_claim_counts_the_handout_that_was_under_way() -> None:
    assert claimed_while_it_is_handed_out(bound=False) == "claimed"
    assert ListCounter.objects.get().handed_out_gone == 1
    assert_every_invariant_holds()


@pytest.mark.usefixtures("on_postgresql")
def test_the_first_handout_of_a_list_lets_claims_wait_for_it() -> None:
    promo_list = a_list()
    (code,) = some_codes(1, promo_list)

    def claim_it() -> None:
        claim(code, "stranger")
        connection.close()

    claiming = threading.Thread(target=claim_it)
    with transaction.atomic(), joined():
        handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
        claiming.start()
        wait_until_someone_waits_for_a_lock()
    claiming.join()
    assert ListCounter.objects.get().handed_out_gone == 1
    assert_every_invariant_holds()


@pytest.mark.usefixtures("on_postgresql")
def test_a_claim_that_does_not_keep_the_code_takes_one_that_is_bound_to_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot, "_KEEP", f"SELECT 1 FROM ({snapshot._KEEP}) AS c WHERE false")
    assert claimed_while_it_is_handed_out(bound=True) == "claimed"
    assert broken() == {1, 12}


@pytest.mark.usefixtures("breakable")
def test_without_the_lock_the_keys_still_give_a_recipient_one_code() -> None:
    rush(for_one_recipient(64), without=("handout",))
    assert Handout.objects.count() == 1
    assert broken() == set()


@pytest.mark.usefixtures("breakable")
def test_without_lock_and_keys_a_recipient_gets_several_codes() -> None:
    actions = for_one_recipient(64)
    without_constraints("core_handout")
    rush(actions, without=("handout",))
    assert Handout.objects.count() > 1
    assert 12 in broken()
