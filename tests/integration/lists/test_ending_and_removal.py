"""Lists that are ended at once, and lists that are deleted because nothing was ever made from
them."""

from collections.abc import Callable

import pytest

from promint.core import exports, lists
from promint.core.codes import batches, cancellations
from promint.core.models import (
    AuditEntry,
    Batch,
    Cancellation,
    Export,
    ListCounter,
    ListOffer,
    Offer,
    PromoList,
)
from promint.core.rules import BatchStatus, ListStatus, ListType, Refusal, Refused, Verdict
from promint.core.storage import database_now
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_pending_batch,
    an_offer,
    claim,
    some_codes,
)
from tests.integration.lists.test_lists import HOUR, refusal_of
from tests.soundness import assert_every_invariant_holds


def exists(promo_list: PromoList) -> bool:
    return PromoList.objects.filter(id=promo_list.id).exists()


def test_a_list_that_is_ended_now_takes_no_claim_from_then_on() -> None:
    promo_list = a_list()
    first, second = some_codes(2, promo_list)
    claim(first)
    lists.end_now(promo_list.public_id, ACTOR)
    assert claim(second).verdict is Verdict.CODE_EXPIRED
    assert lists.find(promo_list.public_id).status(database_now()) is ListStatus.COMPLETED
    entry = AuditEntry.objects.get(action="list.edited")
    assert entry.before["ends_at"] == promo_list.ends_at.isoformat()
    assert entry.after["ends_at"] < entry.before["ends_at"]
    assert_every_invariant_holds()


def test_a_list_that_has_not_started_or_is_over_cannot_be_ended() -> None:
    early, late = a_list(starts_in=HOUR), a_list(starts_in=-2 * HOUR, ends_in=-HOUR)
    assert "ends_at" in refusal_of(lists.end_now, early.public_id, ACTOR).fields
    refused = refusal_of(lists.end_now, late.public_id, ACTOR)
    assert refused.refusal is Refusal.LIST_COMPLETED
    assert not AuditEntry.objects.filter(action="list.edited").exists()


def test_a_list_without_codes_is_deleted_and_the_audit_log_keeps_its_name() -> None:
    offer = an_offer()
    promo_list = a_list(name="Mistake", offers=[offer.public_id])
    lists.remove(promo_list.public_id, ACTOR)
    assert not exists(promo_list)
    assert not ListCounter.objects.exists()
    assert not ListOffer.objects.exists()
    assert Offer.objects.get() == offer
    entry = AuditEntry.objects.get(action="list.deleted")
    assert (entry.subject, entry.before["name"]) == (promo_list.public_id, "Mistake")
    assert refusal_of(lists.remove, promo_list.public_id, ACTOR).refusal is Refusal.NOT_FOUND
    assert_every_invariant_holds()


def a_failed_upload_without_codes(promo_list: PromoList) -> None:
    batch = batches.add(promo_list, ACTOR, quantity=3, name="", notify=[])
    Batch.objects.filter(id=batch.id).update(status=BatchStatus.FAILED, rejected=3)


def test_a_failed_batch_without_codes_is_deleted_with_its_list() -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    a_failed_upload_without_codes(promo_list)
    lists.remove(promo_list.public_id, ACTOR)
    assert not exists(promo_list)
    assert not Batch.objects.exists()
    assert_every_invariant_holds()


def a_failed_batch_with_codes(promo_list: PromoList) -> None:
    batch = a_batch(promo_list)
    Batch.objects.filter(id=batch.id).update(status=BatchStatus.FAILED)


@pytest.mark.parametrize(
    ("makes", "why"),
    [
        (a_pending_batch, "is being made"),
        (a_batch, "has codes"),
        (a_failed_batch_with_codes, "has codes"),
    ],
)
def test_a_list_with_codes_or_a_pending_batch_stays(
    makes: Callable[[PromoList], object], why: str
) -> None:
    promo_list = a_list()
    makes(promo_list)
    refused = refusal_of(lists.remove, promo_list.public_id, ACTOR)
    assert refused.refusal is Refusal.LIST_IN_USE
    assert why in refused.detail
    assert exists(promo_list)


def test_a_multi_use_list_stays_because_its_code_does() -> None:
    refused = refusal_of(lists.remove, a_list(ListType.MULTI_USE, code="Once").public_id, ACTOR)
    assert "Its code Once" in refused.detail


def test_cancellations_of_a_list_without_codes_do_not_keep_it() -> None:
    promo_list = a_list()
    cancellations.request("leaked", ACTOR, list_id=promo_list.public_id)
    lists.remove(promo_list.public_id, ACTOR)
    assert not Cancellation.objects.exists()


def test_exports_of_a_list_without_codes_do_not_keep_it() -> None:
    promo_list = a_list()
    exports.request_list(promo_list.public_id, "csv", ACTOR)
    lists.remove(promo_list.public_id, ACTOR)
    assert not Export.objects.exists()


def test_a_batch_cannot_be_asked_for_once_the_list_is_deleted() -> None:
    promo_list = a_list()
    lists.remove(promo_list.public_id, ACTOR)
    with pytest.raises(Refused) as refused:
        a_pending_batch(promo_list)
    assert refused.value.refusal is Refusal.NOT_FOUND
