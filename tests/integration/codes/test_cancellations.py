"""Cancelling many codes together: previewed, counted, reported to webhooks, approved, undone."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promint.core import codes
from promint.core.claiming import code_life, reversal
from promint.core.codes import batches, cancellations, cancelling, handouts, stake, undoing
from promint.core.events import endpoints
from promint.core.models import (
    AuditEntry,
    Batch,
    Cancellation,
    CancelledCode,
    Delivery,
    ListCounter,
    PromoList,
)
from promint.core.rules import ListType, Refusal, Refused, Verdict
from promint.core.rules.limits import CANCELLATIONS_UNDONE_WITHIN
from promint.core.storage.jobs import LostLease
from promint.worker.cancellations import Cancellations
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_pending_batch,
    an_offer,
    claim,
    let_go,
    shown_codes,
    some_codes,
)
from tests.soundness import assert_every_invariant_holds

OTHER = "staff:second@example.com"


def work(cancellation: Cancellation) -> Cancellation:
    """Complete the cancellation by a worker of its own."""
    let_go(cancellation)
    worker = Cancellations()
    while cancellations.find(cancellation.public_id).status == "pending":
        assert worker.turn(), "someone else holds the cancellation"
    return cancellations.find(cancellation.public_id)


def cancelled(**chosen: object) -> Cancellation:
    return work(cancellations.request("leaked", ACTOR, **chosen))  # type: ignore[arg-type]


def undone(cancellation: Cancellation) -> Cancellation:
    return work(cancellations.undo(cancellation.public_id, ACTOR))


def status(code: str) -> str:
    return codes.find(code).status


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a few codes take several steps."""
    for module in (cancelling, undoing):
        monkeypatch.setattr(module, "STEP", 3)


@pytest.fixture
def promo_list() -> PromoList:
    """A list with two batches of seven codes."""
    promo_list = a_list(points=100)
    a_batch(promo_list, 7)
    a_batch(promo_list, 7)
    return promo_list


def all_codes(promo_list: PromoList) -> list[str]:
    return [code for batch in batches.of_list(promo_list.id) for code in shown_codes(batch)]


@pytest.mark.usefixtures("small_steps")
def test_a_list_is_cancelled_but_for_what_was_claimed_and_undone(promo_list: PromoList) -> None:
    every = all_codes(promo_list)
    claim(every[0])
    codes.cancel(every[1], "lost", ACTOR)
    done = cancelled(list_id=promo_list.public_id)
    assert (done.status, done.cancelled, done.looked_at, done.quantity) == ("active", 12, 14, 14)
    assert done.left == {"claimed": 1, "cancelled_already": 1}
    assert [status(code) for code in every] == ["claimed"] + ["cancelled"] * 13
    counter = ListCounter.objects.get(list=promo_list)
    assert (counter.cancelled, counter.available) == (13, 0)
    assert claim(every[2], "cust-2").verdict is Verdict.CODE_CANCELLED
    assert_every_invariant_holds()
    back = undone(done)
    assert (back.status, back.freed, back.kept) == ("active", 12, 0)
    assert back.undone_at is not None
    assert [status(code) for code in every] == ["claimed", "cancelled"] + ["available"] * 12
    assert ListCounter.objects.get(list=promo_list).cancelled == 1
    assert claim(every[2], "cust-2").verdict is Verdict.CLAIMED
    assert_every_invariant_holds()


def test_one_batch_is_cancelled_and_the_other_is_not(promo_list: PromoList) -> None:
    second, first = batches.of_list(promo_list.id)
    cancelled(batch_id=first.public_id)
    assert {status(code) for code in shown_codes(first)} == {"cancelled"}
    assert {status(code) for code in shown_codes(second)} == {"available"}
    assert (Batch.objects.get(id=first.id).cancelled, second.cancelled) == (7, 0)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("handed_out", [True, False])
def test_only_codes_that_were_handed_out_or_only_others(
    promo_list: PromoList, handed_out: bool
) -> None:
    given = {handouts.hand_out(promo_list.public_id, f"cust-{i}", ACTOR)[0].shown for i in range(8)}
    chosen = {"list_id": promo_list.public_id, "handed_out": handed_out}
    assert cancellations.preview(**chosen).codes == (8 if handed_out else 6)
    done = cancelled(**chosen)
    assert (done.cancelled, done.left) == (8 if handed_out else 6, {})
    for code in all_codes(promo_list):
        assert (status(code) == "cancelled") == ((code in given) is handed_out)
    assert_every_invariant_holds()


@pytest.mark.usefixtures("small_steps")
def test_codes_by_name_are_cancelled_however_they_are_typed() -> None:
    first, second = some_codes(4), some_codes(4)
    (shared,) = [a_list(ListType.MULTI_USE, code="SpringSale").named_code]
    claim(first[0])
    codes.cancel(first[1], "lost", ACTOR)
    typed = [*first, second[0].lower(), second[0], "NOSUCHCODE", "ÄÖÜ", shared or ""]
    looked = cancellations.preview(typed=typed)
    assert (looked.codes, looked.codes_are, looked.points) == (3, "exact", 300)
    assert set(looked.samples) == {first[2], first[3], second[0]}
    expected = {"claimed": 1, "cancelled_already": 1, "unknown": 2, "multi_use": 1}
    assert looked.left == expected
    done = cancelled(typed=typed)
    assert (done.cancelled, done.left) == (3, expected)
    assert [status(code) for code in second] == ["cancelled"] + ["available"] * 3
    undone(done)
    assert [status(code) for code in first] == ["claimed", "cancelled", "available", "available"]
    assert_every_invariant_holds()


@pytest.mark.parametrize("looked_at", [20_000, 1])
def test_no_more_is_at_stake_than_the_cap_leaves(
    monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    monkeypatch.setattr(stake, "LOOKED_AT", looked_at)
    offer = an_offer("Free coffee")
    promo_list = a_list(points=100, offers=[offer.public_id], entry_cap=5)
    typed = some_codes(20, promo_list)
    for i in range(2):
        claim(typed[i], f"cust-{i}")
    for chosen in ({"list_id": promo_list.public_id}, {"typed": [*typed, *some_codes(2)]}):
        looked = cancellations.preview(**chosen)  # type: ignore[arg-type]
        other = 200 if "typed" in chosen else 0  # of the codes of another list, without a cap
        assert (looked.points, looked.offers) == (300 + other, {"Free coffee": 3})
    claim(typed[2], "cust-2")
    assert cancellations.preview(typed=typed[3:5]).points == 200


def test_a_preview_changes_nothing_and_says_what_is_at_stake(promo_list: PromoList) -> None:
    claim(all_codes(promo_list)[0])
    looked = cancellations.preview(list_id=promo_list.public_id)
    assert (looked.codes, looked.codes_are, looked.points) == (13, "exact", 1300)
    assert len(set(looked.samples)) == 10
    assert set(looked.samples) <= set(all_codes(promo_list)[1:])
    assert not Cancellation.objects.exists()
    assert {status(code) for code in all_codes(promo_list)[1:]} == {"available"}


def test_of_many_codes_counters_tell_and_say_what_the_number_is(
    promo_list: PromoList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stake, "LOOKED_AT", 4)
    batch = batches.of_list(promo_list.id)[0]
    for_batch = {"batch_id": batch.public_id}
    for_list = {"list_id": promo_list.public_id}
    assert cancellations.preview(**for_batch).codes_are == "exact"  # nothing is claimed
    claim(shown_codes(batch)[0])
    of_list, of_batch = cancellations.preview(**for_list), cancellations.preview(**for_batch)
    assert (of_list.codes, of_list.codes_are) == (13, "exact")
    assert (of_batch.codes, of_batch.codes_are) == (7, "at_most")
    for i in range(6):
        handouts.hand_out(promo_list.public_id, f"cust-{i}", ACTOR)
    given = cancellations.preview(**for_list, handed_out=True)
    others = cancellations.preview(**for_list, handed_out=False)
    assert (given.codes, given.codes_are) == (4, "at_least")
    assert (others.codes, others.codes_are) == (9, "at_most")


def test_a_step_asks_as_much_of_the_database_for_many_codes_as_for_few() -> None:
    endpoints.create("https://shop.example/", ["code.cancelled"], ACTOR)
    batch = a_batch(a_list(), 500)
    asked = cancellations.request("leaked", ACTOR, batch_id=batch.public_id)
    with CaptureQueriesContext(connection) as asked_of_cancelling:
        assert cancelling.step(asked).cancelled == 500
    cancellations.undo(asked.public_id, ACTOR)
    with CaptureQueriesContext(connection) as asked_of_undoing:
        assert undoing.step(Cancellation.objects.get()).freed == 500
    assert len(asked_of_cancelling) < 70  # the events go sixteen to a statement on SQLite
    assert len(asked_of_undoing) < 40


def test_batches_that_become_active_later_are_not_cancelled(promo_list: PromoList) -> None:
    asked = cancellations.request("leaked", ACTOR, list_id=promo_list.public_id)
    later = a_batch(promo_list, 3)
    assert work(asked).cancelled == 14
    assert {status(code) for code in shown_codes(later)} == {"available"}


@pytest.mark.parametrize(
    ("chosen", "refusal"),
    [
        ({}, Refusal.INVALID_REQUEST),
        ({"typed": []}, Refusal.INVALID_REQUEST),
        ({"typed": ["A" * 201]}, Refusal.INVALID_REQUEST),
        ({"typed": ["ABC"] * 10_001}, Refusal.INVALID_REQUEST),
        ({"typed": ["ABC"], "list_id": "lst_x"}, Refusal.INVALID_REQUEST),
        ({"list_id": "lst_x"}, Refusal.NOT_FOUND),
        ({"batch_id": "bat_x"}, Refusal.NOT_FOUND),
    ],
)
def test_what_cannot_be_chosen_is_refused(chosen: dict[str, object], refusal: Refusal) -> None:
    for verb in (cancellations.preview, lambda **c: cancellations.request("leaked", ACTOR, **c)):
        with pytest.raises(Refused) as refused:
            verb(**chosen)  # type: ignore[operator]
        assert refused.value.refusal is refusal


def test_pending_batches_and_shared_codes_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        cancellations.preview(batch_id=a_pending_batch(a_list()).public_id)
    assert refused.value.refusal is Refusal.BATCH_PENDING
    with pytest.raises(Refused) as refused:
        cancellations.preview(list_id=a_list(ListType.MULTI_USE).public_id)
    assert refused.value.refusal is Refusal.WRONG_LIST_TYPE


def test_a_reason_is_asked_for(promo_list: PromoList) -> None:
    with pytest.raises(Refused) as refused:
        cancellations.request(" ", ACTOR, list_id=promo_list.public_id)
    assert set(refused.value.fields) == {"reason"}


def test_each_code_is_told_once_and_the_stock_too(promo_list: PromoList) -> None:
    wanted = ["code.cancelled", "list.low_stock"]
    endpoints.create("https://shop.example/", wanted, ACTOR)
    done = cancelled(list_id=promo_list.public_id)
    told = list(Delivery.objects.order_by("id"))
    assert [one.event for one in told] == ["code.cancelled"] * 14 + ["list.low_stock"]
    assert len({one.event_id for one in told}) == 15
    assert all(done.public_id in one.body for one in told[:14])
    undone(done)
    assert Delivery.objects.count() == 15
    assert_every_invariant_holds()


def test_an_undo_leaves_what_somebody_cancelled_by_itself_since(promo_list: PromoList) -> None:
    every = all_codes(promo_list)
    done = cancelled(list_id=promo_list.public_id)
    codes.cancel(every[3], "lost on the way", OTHER)
    back = undone(done)
    assert (back.freed, back.kept) == (13, 1)
    assert [code for code in every if status(code) == "cancelled"] == [every[3]]
    assert_every_invariant_holds()
    again = undone(cancelled(list_id=promo_list.public_id))
    assert (again.freed, status(every[3])) == (13, "cancelled")
    assert_every_invariant_holds()


@pytest.mark.parametrize("first_undone", [0, 1])
def test_a_code_that_two_cancelled_is_available_when_both_are_undone(
    promo_list: PromoList, first_undone: int
) -> None:
    every = all_codes(promo_list)
    both = [cancelled(list_id=promo_list.public_id), cancelled(typed=every[:4])]
    assert (both[1].cancelled, both[1].left) == (0, {"cancelled_already": 4})
    undone(both[first_undone])
    assert {status(code) for code in every[:4]} == {"cancelled"}
    assert {status(code) for code in every[4:]} == {"cancelled" if first_undone else "available"}
    undone(both[1 - first_undone])
    assert {status(code) for code in every} == {"available"}
    assert_every_invariant_holds()


def test_codes_are_handed_out_again_after_an_undo(promo_list: PromoList) -> None:
    done = cancelled(list_id=promo_list.public_id)
    with pytest.raises(Refused):
        handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
    undone(done)
    state, is_new = handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
    assert is_new
    assert status(state.shown) == "available"


@pytest.mark.usefixtures("small_steps")
def test_an_undo_stops_a_cancellation_that_goes_on(promo_list: PromoList) -> None:
    asked = cancellations.request("leaked", ACTOR, list_id=promo_list.public_id)
    halfway = cancelling.step(asked)
    assert halfway.cancelled == 3
    cancellations.undo(asked.public_id, ACTOR)
    with pytest.raises(LostLease):
        cancelling.step(halfway)
    back = work(asked)
    assert (back.cancelled, back.freed) == (3, 3)
    assert {status(code) for code in all_codes(promo_list)} == {"available"}
    assert_every_invariant_holds()


def test_undoing_twice_is_once(promo_list: PromoList) -> None:
    back = undone(cancelled(list_id=promo_list.public_id))
    again = cancellations.undo(back.public_id, OTHER)
    assert (again.status, again.undo_by, again.undone_at) == ("active", ACTOR, back.undone_at)


def test_it_can_be_undone_for_thirty_days(promo_list: PromoList) -> None:
    done = cancelled(list_id=promo_list.public_id)
    made = done.created_at - CANCELLATIONS_UNDONE_WITHIN
    Cancellation.objects.update(created_at=made + timedelta(minutes=1))
    later = cancellations.find(done.public_id)
    assert cancellations.may_be_undone(later, done.created_at)
    Cancellation.objects.update(created_at=made)
    with pytest.raises(Refused) as refused:
        cancellations.undo(done.public_id, ACTOR)
    assert refused.value.refusal is Refusal.UNDO_EXPIRED


def test_many_codes_wait_for_a_second_person(promo_list: PromoList, settings: LazySettings) -> None:
    settings.APPROVE_ABOVE = 13
    few = cancellations.request("leaked", ACTOR, typed=all_codes(promo_list)[:2])
    assert few.status == "pending"
    many = cancellations.request("leaked", ACTOR, list_id=promo_list.public_id)
    assert many.status == "waiting"
    work(few)
    assert not Cancellations().turn()
    with pytest.raises(Refused):
        cancellations.confirm(many.public_id, ACTOR)
    assert cancellations.confirm(many.public_id, OTHER).decided_by == OTHER
    assert work(many).cancelled == 12
    entry = AuditEntry.objects.get(action="cancellation.confirmed")
    assert (entry.actor, entry.subject) == (OTHER, many.public_id)


def test_what_waits_can_be_declined_and_never_begins(
    promo_list: PromoList, settings: LazySettings
) -> None:
    settings.APPROVE_ABOVE = 0
    first = cancellations.request("leaked", ACTOR, list_id=promo_list.public_id)
    cancellations.decline(first.public_id, OTHER)
    second = cancellations.request("leaked", ACTOR, list_id=promo_list.public_id)
    cancellations.undo(second.public_id, ACTOR)
    for one in (first, second):
        assert cancellations.confirm(one.public_id, OTHER).status in ("declined",)
    assert not Cancellations().turn()
    assert not CancelledCode.objects.exists()


def test_a_number_that_may_be_larger_waits(
    promo_list: PromoList, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stake, "LOOKED_AT", 4)
    settings.APPROVE_ABOVE = 100
    for i in range(6):
        handouts.hand_out(promo_list.public_id, f"cust-{i}", ACTOR)
    chosen = {"list_id": promo_list.public_id, "handed_out": True}
    assert cancellations.request("leaked", ACTOR, **chosen).status == "waiting"  # type: ignore[arg-type]


def test_the_life_of_a_code_tells_who_cancelled_it_with_others(promo_list: PromoList) -> None:
    code = all_codes(promo_list)[0]
    undone(cancelled(list_id=promo_list.public_id))
    steps = code_life.steps_of(codes.find(code))
    told = [(step.event.value, step.actor, step.detail) for step in steps[:2]]
    assert told == [("made_available", ACTOR, ""), ("cancelled", ACTOR, "leaked")]


def test_a_code_that_was_given_back_is_cancelled_too(promo_list: PromoList) -> None:
    code = all_codes(promo_list)[0]
    made = claim(code).claim
    assert made is not None
    reversal.reverse(made.id, "returned", ACTOR, available_again=True)
    assert cancelled(list_id=promo_list.public_id).cancelled == 14
    assert_every_invariant_holds()
