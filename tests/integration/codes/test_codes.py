"""One code: found however it is typed, and cancelled unless it is claimed."""

import pytest

from promint.core import codes
from promint.core.models import AuditEntry, Batch, ListCounter
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import ListType, Refusal, Verdict
from tests.factories import (
    ACTOR,
    a_batch,
    a_code,
    a_list,
    claim,
    shown_codes,
    third_party_codes,
)


def refusal_of(code: str, reason: str = "") -> Refused:
    before = AuditEntry.objects.count()
    with pytest.raises(Refused) as refused:
        codes.cancel(code, reason, ACTOR)
    assert AuditEntry.objects.count() == before
    return refused.value


def test_a_code_is_found_however_it_is_typed() -> None:
    promo_list = a_list(code_prefix="SPR")
    batch = a_batch(promo_list, 1)
    (shown,) = shown_codes(batch)
    assert shown.startswith("SPR-")
    found = codes.find(f" {shown.lower().replace('-', '')} ")
    assert (found.shown, found.status, found.facts.id) == (shown, "available", promo_list.id)
    assert found.batch == batch
    assert (found.claim_count, found.entry_cap) == (0, 1)


@pytest.mark.parametrize("typed", ["BCDF-2345", "!", "", "ü" * 200])
def test_a_code_that_does_not_exist_is_not_found(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        codes.find(typed)
    assert refused.value.refusal is Refusal.NOT_FOUND
    assert refusal_of(typed).refusal is Refusal.NOT_FOUND


def test_a_claimed_code_shows_its_claim() -> None:
    code = a_code()
    made = claim(code).claim
    found = codes.find(code)
    assert found.status == "claimed"
    assert found.claim is not None
    assert made is not None
    assert (found.claim.id, found.claim.customer, found.claim_count) == (made.id, "cust-1", 1)


def test_a_shared_code_shows_its_lists_claims_and_cap() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=7)
    claim("springsale", "cust-1")
    claim("springsale", "cust-2")
    found = codes.find("spring-sale")
    assert (found.status, found.claim_count, found.entry_cap) == ("available", 2, 7)
    assert (found.claim, found.batch) == (None, None)


def test_a_cancelled_code_cannot_be_claimed() -> None:
    code = a_code()
    assert codes.cancel(code.lower(), " lost ", ACTOR).status == "cancelled"
    assert claim(code).verdict is Verdict.CODE_CANCELLED
    counter, batch = ListCounter.objects.get(), Batch.objects.get()
    assert (counter.cancelled, batch.cancelled, counter.codes) == (1, 1, 1)
    entry = AuditEntry.objects.get(action="code.cancelled")
    assert (entry.actor, entry.subject) == (ACTOR, codes.find(code).value)
    assert entry.after is not None
    assert entry.after["reason"] == "lost"
    assert entry.created_at == codes.find(code).cancelled_at


def test_an_uploaded_code_can_be_cancelled() -> None:
    third_party_codes(a_list(ListType.THIRD_PARTY), ["20260065"])
    assert codes.cancel("20260065", "", ACTOR).status == "cancelled"


def test_cancelling_twice_changes_nothing() -> None:
    code = a_code()
    first = codes.cancel(code, "lost", ACTOR)
    again = codes.cancel(code, "stolen", ACTOR)
    assert again.cancelled_at == first.cancelled_at
    assert ListCounter.objects.get().cancelled == 1
    assert AuditEntry.objects.filter(action="code.cancelled").count() == 1


def test_a_claimed_code_cannot_be_cancelled() -> None:
    code = a_code()
    claim(code)
    assert refusal_of(code).refusal is Refusal.CODE_ALREADY_CLAIMED
    assert codes.find(code).status == "claimed"


def test_a_shared_code_cannot_be_cancelled() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale")
    assert refusal_of("springsale").refusal is Refusal.WRONG_LIST_TYPE
    assert claim("springsale").verdict is Verdict.CLAIMED


@pytest.mark.parametrize("reason", ["x" * 501, "a\x00b"])
def test_a_reason_that_cannot_be_kept_is_refused(reason: str) -> None:
    code = a_code()
    refused = refusal_of(code, reason)
    assert (refused.refusal, set(refused.fields)) == (Refusal.INVALID_REQUEST, {"reason"})
    assert codes.find(code).status == "available"
