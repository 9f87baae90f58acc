"""Batches: requested, refused, made active, failed and tried again."""

from datetime import timedelta
from typing import Any

import pytest

from promint.core import codes, lists
from promint.core.codes import batches, generation
from promint.core.models import AuditEntry, Batch, ListCounter, Mail, PromoList
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import ListType, Refusal
from promint.core.storage.clock import database_now
from promint.worker.generation import Generator
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_pending_batch,
    claim,
    generate,
    shown_codes,
    some_codes,
)


def refusal_of(promo_list: PromoList, quantity: int = 1, **more: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        a_pending_batch(promo_list, quantity, **more)
    assert not Batch.objects.filter(list=promo_list, status="pending").exists()
    return refused.value


def test_a_batch_is_pending_until_its_codes_are_made() -> None:
    promo_list = a_list()
    batch = a_pending_batch(promo_list, 5, name="  Till 3 ", notify=["ops@example.com"] * 2)
    assert (batch.status, batch.created, batch.finished_at) == ("pending", 0, None)
    assert (batch.name, batch.notify, batch.number) == ("Till 3", ["ops@example.com"], 1)
    assert ListCounter.objects.get(list=promo_list).codes == 0
    generate(batch)
    batch = batches.find(batch.public_id)
    assert (batch.status, batch.created, batch.error) == ("active", 5, None)
    assert batch.finished_at is not None
    assert ListCounter.objects.get(list=promo_list).codes == 5
    entry = AuditEntry.objects.get(action="batch.requested")
    assert (entry.actor, entry.subject) == (ACTOR, batch.public_id)


def test_batches_of_a_list_are_numbered_and_a_name_is_optional() -> None:
    promo_list = a_list()
    labels = [a_pending_batch(promo_list, name=name).label for name in ("", "Event", "")]
    assert labels == ["Batch 1", "Event", "Batch 3"]
    assert [b.number for b in batches.of_list(promo_list.id)] == [3, 2, 1]
    assert a_pending_batch(a_list()).label == "Batch 1"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", 0),
        ("quantity", -1),
        ("quantity", 10_000_001),
        ("name", "x" * 201),
        ("name", "a\nb"),
        ("notify", ["nobody"]),
        ("notify", [f"ops{i}@example.com" for i in range(21)]),
    ],
)
def test_a_bad_value_is_refused_with_its_field(field: str, value: Any) -> None:
    refused = refusal_of(a_list(), **{field: value})
    assert (refused.refusal, set(refused.fields)) == (Refusal.INVALID_REQUEST, {field})


@pytest.mark.parametrize("type", [ListType.MULTI_USE, ListType.THIRD_PARTY])
def test_only_single_use_lists_take_generated_codes(type: ListType) -> None:
    assert refusal_of(a_list(type)).refusal is Refusal.WRONG_LIST_TYPE


def test_a_list_that_has_ended_takes_no_batch_until_it_ends_later() -> None:
    promo_list = a_list()
    lists.edit(promo_list.public_id, {"ends_at": database_now()}, ACTOR)
    assert refusal_of(promo_list).refusal is Refusal.LIST_COMPLETED
    lists.edit(promo_list.public_id, {"ends_at": database_now() + timedelta(hours=1)}, ACTOR)
    assert a_batch(promo_list).status == "active"


def test_a_list_whose_cap_is_reached_takes_no_batch_until_it_is_higher() -> None:
    promo_list = a_list(entry_cap=1)
    claim(some_codes(1, promo_list)[0])
    assert refusal_of(promo_list).refusal is Refusal.LIST_COMPLETED
    lists.edit(promo_list.public_id, {"entry_cap": 2}, ACTOR)
    assert a_batch(promo_list).status == "active"


def test_a_list_that_has_not_started_takes_batches() -> None:
    assert a_batch(a_list(starts_in=timedelta(hours=1))).status == "active"


def test_more_codes_than_guessing_allows_are_refused_up_front_with_what_would_fit() -> None:
    promo_list = a_list(code_length=8)
    refused = refusal_of(promo_list, 13_493)
    assert (refused.refusal, set(refused.fields)) == (Refusal.KEYSPACE_TOO_SMALL, {"quantity"})
    assert "13,492" in refused.detail
    a_pending_batch(promo_list, 13_000)
    with pytest.raises(Refused, match="492"):
        a_pending_batch(promo_list, 493)
    a_pending_batch(promo_list, 492)


def test_lists_with_the_same_format_share_its_space_and_others_do_not() -> None:
    a_pending_batch(a_list(code_length=8), 13_492)
    assert refusal_of(a_list(code_length=8)).refusal is Refusal.KEYSPACE_TOO_SMALL
    a_pending_batch(a_list(code_length=8, code_prefix="SPR"), 13_492)
    a_pending_batch(a_list(code_length=9), 13_492)


def test_codes_of_a_pending_batch_count_and_cancel_only_once_it_is_active() -> None:
    promo_list = a_list()
    batch = a_pending_batch(promo_list, 3)
    generation.store(batch, ["BCDF2345", "BCDF2346"])
    codes.cancel("BCDF2345", "", ACTOR)
    counter = ListCounter.objects.get(list=promo_list)
    assert (counter.codes, counter.cancelled) == (0, 0)
    assert batches.find(batch.public_id).cancelled == 1
    generate(batches.find(batch.public_id))
    counter = ListCounter.objects.get(list=promo_list)
    assert (counter.codes, counter.cancelled) == (3, 1)


def failed_batch() -> Batch:
    """A batch that fails by itself, because codes of one character have no random symbol."""
    promo_list = a_list()
    batch = a_pending_batch(promo_list, 5, notify=["ops@example.com"])
    PromoList.objects.filter(id=promo_list.id).update(code_length=1)
    assert Generator().turn()
    return batches.find(batch.public_id)


def test_a_failure_is_stored_with_its_reason() -> None:
    batch = failed_batch()
    assert batch.status == "failed"
    assert batch.error is not None
    assert "which the log describes. Try again." in batch.error
    assert batch.finished_at is not None
    assert not Generator().turn()
    entry = AuditEntry.objects.get(action="batch.failed")
    assert (entry.actor, entry.subject) == ("worker", batch.public_id)


def test_a_failed_batch_can_be_tried_again() -> None:
    batch = failed_batch()
    PromoList.objects.filter(id=batch.list_id).update(code_length=12)
    retried = batches.retry(batch.public_id, ACTOR)
    assert (retried.status, retried.error, retried.finished_at) == ("pending", None, None)
    generate(retried)
    assert len(shown_codes(batches.find(batch.public_id))) == 5
    assert AuditEntry.objects.filter(action="batch.retried", actor=ACTOR).count() == 1


@pytest.mark.parametrize("make", [a_batch, a_pending_batch])
def test_trying_a_batch_again_that_has_not_failed_changes_nothing(make: Any) -> None:
    batch = make(a_list())
    assert batches.retry(batch.public_id, ACTOR).status == batch.status
    assert not AuditEntry.objects.filter(action="batch.retried").exists()


def mails() -> list[tuple[str, str]]:
    return sorted(Mail.objects.values_list("address", "about"))


def test_an_alert_waits_for_each_address_when_a_batch_is_active() -> None:
    a_batch(a_list(), notify=["a@example.com", "b@example.com"])
    assert mails() == [("a@example.com", "finished"), ("b@example.com", "finished")]


def test_another_alert_waits_when_it_failed_and_is_taken_back_when_it_goes_on() -> None:
    batch = failed_batch()
    assert mails() == [("ops@example.com", "failed")]
    PromoList.objects.filter(id=batch.list_id).update(code_length=12)
    generate(batches.retry(batch.public_id, ACTOR))
    assert mails() == [("ops@example.com", "finished")]


def test_without_an_address_there_is_no_alert() -> None:
    a_batch(a_list())
    assert mails() == []


@pytest.mark.parametrize("public_id", ["bat_0000000000000", "lst_0000000000000", "", "💥"])
def test_a_batch_that_does_not_exist_is_not_found(public_id: str) -> None:
    with pytest.raises(Refused) as refused:
        batches.find(public_id)
    assert refused.value.refusal is Refusal.NOT_FOUND
