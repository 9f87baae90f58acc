"""What happened to a code: made, exported, tried, claimed or cancelled, and by whom."""

from promint.core import codes, exports
from promint.core.claiming import by_staff, code_life
from promint.core.claiming.code_life import Event, Step
from promint.core.codes import handouts
from promint.core.models import Export
from promint.core.rules.rules import BatchStatus, ListType, Verdict
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_pending_batch,
    claim,
    generate,
    shown_codes,
    third_party_codes,
)


def life(code: str) -> list[Step]:
    return code_life.steps_of(codes.find(code))


def events(code: str) -> list[Event]:
    return [step.event for step in life(code)]


def finished(export: Export) -> Export:
    Export.objects.filter(id=export.id).update(status=BatchStatus.ACTIVE)
    return export


def test_a_fresh_code_was_made_with_its_batch() -> None:
    batch = a_batch(a_list(), name="Cards")
    (step,) = life(shown_codes(batch)[0])
    assert (step.event, step.actor, step.at) == (Event.MADE, ACTOR, batch.created_at)


def test_exports_that_hold_it_belong_to_its_life_and_no_others() -> None:
    promo_list = a_list()
    first = a_batch(promo_list)
    code = shown_codes(first)[0]
    finished(exports.request_batch(first.public_id, "csv", "staff:ines@example.com"))
    pending = exports.request_batch(first.public_id, "xls", ACTOR)
    late = a_pending_batch(promo_list)
    finished(exports.request_list(promo_list.public_id, "xlsx", ACTOR))
    generate(late)
    assert pending.status == BatchStatus.PENDING
    assert [(step.event, step.detail) for step in life(code)] == [
        (Event.EXPORTED, "xlsx"),
        (Event.EXPORTED, "csv"),
        (Event.MADE, ""),
    ]
    assert life(code)[1].actor == "staff:ines@example.com"
    # The batch that was not active yet is not in an earlier export.
    late_code = shown_codes(late)[0]
    assert events(late_code) == [Event.MADE]


def test_an_export_of_other_codes_of_its_list_is_none_of_its_steps() -> None:
    promo_list = a_list()
    batch, list_id = a_batch(promo_list, 4), promo_list.public_id
    given = handouts.hand_out(list_id, "guest", ACTOR)[0].shown
    claimed, free, other = sorted({*shown_codes(batch)} - {given})
    claim(claimed)
    finished(exports.request_list(list_id, "csv", ACTOR, exports.Only(status="available")))
    finished(exports.request_list(list_id, "xls", ACTOR, exports.Only(handed_out=False)))
    finished(exports.request_claims(list_id, "xlsx", ACTOR))
    chosen = finished(exports.request_list(list_id, "xlsx", ACTOR))
    Export.objects.filter(id=chosen.id).update(chosen=[codes.find(free).value])

    def formats(code: str) -> list[str]:
        return [step.detail for step in life(code) if step.event is Event.EXPORTED]

    assert formats(given) == ["csv"]
    assert formats(claimed) == ["xls"]
    assert formats(free) == ["xlsx", "xls", "csv"]
    assert formats(other) == ["xls", "csv"]


def test_a_claim_and_the_tries_of_others_after_it() -> None:
    code = shown_codes(a_batch(a_list()))[0]
    claim(code, "cust-1")
    claim(code, "cust-2")
    claim(code, "cust-2")
    refused, claimed, made = life(code)
    assert (refused.event, refused.customer) == (Event.REFUSED, "cust-2")
    assert refused.verdict is Verdict.CODE_ALREADY_CLAIMED
    assert refused.tries == 2
    assert (claimed.event, claimed.customer, claimed.actor) == (Event.CLAIMED, "cust-1", "")
    assert made.event is Event.MADE


def test_a_cancellation_with_who_and_why() -> None:
    code = shown_codes(a_batch(a_list()))[0]
    codes.cancel(code, "lost in the post", "staff:ines@example.com")
    cancelled = life(code)[0]
    assert cancelled.event is Event.CANCELLED
    assert (cancelled.actor, cancelled.detail) == ("staff:ines@example.com", "lost in the post")


def test_whoever_of_the_staff_entered_a_claim_is_named() -> None:
    code = shown_codes(a_batch(a_list()))[0]
    by_staff.claim_for("cust-9", code, "staff:agent@example.com")
    assert (life(code)[0].customer, life(code)[0].actor) == ("cust-9", "staff:agent@example.com")


def test_an_uploaded_code_has_a_life_too_and_a_shared_one_none_but_its_list() -> None:
    third_party_codes(a_list(ListType.THIRD_PARTY), ["NW-100"])
    claim("nw 100")
    assert events("NW-100") == [Event.CLAIMED, Event.MADE]
    a_list(ListType.MULTI_USE, code="SpringSale")
    claim("SpringSale")
    claim("SpringSale")
    assert life("SpringSale") == []


def test_whom_it_was_handed_out_to_belongs_to_its_life() -> None:
    promo_list = a_list()
    a_batch(promo_list, 1)
    state, _ = handouts.hand_out(promo_list.public_id, "cust-7", ACTOR)
    step, made = life(state.shown)
    assert (step.event, step.customer, step.actor) == (Event.HANDED_OUT, "cust-7", ACTOR)
    assert made.event is Event.MADE
