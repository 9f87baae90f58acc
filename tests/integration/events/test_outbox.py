"""The outbox: every event that an endpoint wants is written once, in the transaction of the
change."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promint.accounts import keys, mails
from promint.accounts.roles import Role, Scope
from promint.core import codes, lists
from promint.core.claiming import Attempt, callers, claim_many, reversal
from promint.core.codes import batches, handouts
from promint.core.events import deliveries, endings, endpoints
from promint.core.models import BulkHandout, Delivery, PromoList, Webhook
from promint.core.rules import Event
from promint.core.rules.rules import ListType
from promint.core.storage import database_now, durable, jobs, joined
from tests.bulk import handed_out, in_bulk
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_member,
    a_pending_batch,
    claim,
    shown_codes,
)
from tests.soundness import assert_every_invariant_holds

URL = "https://shop.example/hooks"


def an_endpoint(*events: str) -> Webhook:
    return endpoints.create(URL, list(events or Event), ACTOR)[0]


def told(event: str = "") -> list[dict[str, Any]]:
    """The bodies in the outbox, in order."""
    found = Delivery.objects.order_by("id")
    return [json.loads(d.body) for d in (found.filter(event=event) if event else found)]


def events() -> list[str]:
    return [body["type"] for body in told()]


def a_code_of(promo_list: PromoList, quantity: int = 3) -> list[str]:
    return shown_codes(a_batch(promo_list, quantity))


def test_a_claim_is_told_as_it_was_answered() -> None:
    promo_list = a_list(tags=["spring"])
    code = a_code_of(promo_list)[0]
    webhook = an_endpoint("claim.created")
    made = claim(code, "cust-42").claim
    assert made is not None
    (body,) = told()
    assert body["type"] == "claim.created"
    assert body["data"] == {
        "id": made.id,
        "code": code,
        "customer": "cust-42",
        "list": promo_list.public_id,
        "claimed_at": body["timestamp"],
        "reversed_at": None,
        "outcomes": {"points": 100, "offers": [], "tags": ["spring"]},
    }
    assert Delivery.objects.get().webhook_id == webhook.id


def test_what_is_refused_or_only_looked_at_is_not_told() -> None:
    code = a_code_of(a_list())[0]
    an_endpoint("claim.created")
    claim(code, validate_only=True)
    assert told() == []
    claim(code)
    claim(code)
    claim(code, "cust-2")
    claim("nothing")
    assert events() == ["claim.created"]


def test_a_group_of_claims_is_told_in_its_order_to_each_endpoint_under_one_id() -> None:
    wanted = a_code_of(a_list(), 37)
    one, two = an_endpoint(), an_endpoint("claim.created")
    an_endpoint("list.created")
    claim_many([Attempt(code, "cust-1", "key_tests") for code in reversed(wanted)])
    for webhook in (one, two):
        rows = Delivery.objects.filter(webhook=webhook, event="claim.created").order_by("id")
        assert [json.loads(row.body)["data"]["code"] for row in rows] == wanted[::-1]
    ids = Delivery.objects.filter(event="claim.created").values_list("event_id", "webhook_id")
    assert len({event_id for event_id, _ in ids}) == 37
    assert len(set(ids)) == 74


def test_nothing_is_written_where_nobody_listens() -> None:
    claim(a_code_of(a_list())[0])
    assert not Delivery.objects.exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Django does not see these statements")
def test_a_group_of_claims_asks_once_who_listens() -> None:
    first, second = a_code_of(a_list(), 2)
    with CaptureQueriesContext(connection) as queries:
        claim_many([Attempt(code, "cust-1", "key_tests") for code in (first, second)])
    assert sum("core_webhook" in q["sql"] for q in queries.captured_queries) == 1


def test_what_is_undone_is_not_told() -> None:
    code = a_code_of(a_list())[0]
    an_endpoint()

    @durable
    def claim_and_fail() -> None:
        lists.edit(PromoList.objects.get().public_id, {"name": "Other"}, ACTOR)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), joined():
        claim_and_fail()
    assert codes.find(code).status == "available"
    assert told() == []


def test_a_paused_endpoint_is_told_later_and_a_disabled_or_deleted_one_is_not() -> None:
    wanted = a_code_of(a_list(), 4)
    webhook = an_endpoint("claim.created")
    for number, (status, written) in enumerate(
        [("paused", 1), ("disabled", 1), ("deleted", 1), ("active", 2)]
    ):
        Webhook.objects.filter(id=webhook.id).update(status=status)
        claim(wanted[number])
        assert Delivery.objects.count() == written, status


def test_a_list_is_told_when_it_is_created_and_changed_and_never_with_its_code() -> None:
    an_endpoint()
    promo_list = a_list(ListType.MULTI_USE, code="SpringSale", name="Spring", entry_cap=10)
    lists.edit(promo_list.public_id, {"name": "Summer", "entry_cap": None}, ACTOR)
    lists.edit(promo_list.public_id, {"name": "Summer"}, ACTOR)
    assert events() == ["list.created", "list.changed"]
    created, changed = told()
    assert created["data"]["id"] == promo_list.public_id
    assert created["data"]["entry_cap"] == 10
    assert (changed["data"]["name"], changed["data"]["entry_cap"]) == ("Summer", None)
    assert changed["data"]["before"]["name"] == "Spring"
    assert changed["data"]["before"]["entry_cap"] == 10
    assert changed["data"]["before"]["ends_at"] == changed["data"]["ends_at"]
    assert "springsale" not in json.dumps([created, changed]).lower()


def test_a_batch_is_told_when_it_is_active_and_when_it_failed() -> None:
    promo_list = a_list()
    an_endpoint()
    batch = a_batch(promo_list, 3, name="Till 1")
    a_pending_batch(promo_list)
    taken = jobs.take(batches.waiting("generated"))
    assert taken is not None
    batches.fail(taken, "The disk is full.")
    active, failed = told()
    assert active["type"] == "batch.active"
    assert active["data"]["id"] == batch.public_id
    assert (active["data"]["name"], active["data"]["created"]) == ("Till 1", 3)
    assert failed["type"] == "batch.failed"
    assert failed["data"]["error"] == "The disk is full."
    assert not any(code in json.dumps([active, failed]) for code in shown_codes(batch))


def test_a_cancelled_code_is_told_once_with_its_reason() -> None:
    code = a_code_of(a_list(), 30)[0]
    an_endpoint()
    codes.cancel(code, "lost", ACTOR)
    codes.cancel(code, "lost again", ACTOR)
    (body,) = told()
    assert body["type"] == "code.cancelled"
    assert (body["data"]["code"], body["data"]["reason"]) == (code, "lost")


def test_a_reversal_is_told_once_with_what_it_took_back() -> None:
    code = a_code_of(a_list(), 30)[0]
    made = claim(code).claim
    assert made is not None
    an_endpoint()
    for _ in range(2):
        reversal.reverse(made.id, "returned", ACTOR, available_again=True)
    (body,) = told()
    assert body["type"] == "claim.reversed"
    assert body["data"]["claim"] == made.id
    assert body["data"]["code"] == "available_again"
    assert body["data"]["taken_back"]["points"] == 100
    assert body["data"]["reversed"]["code"] == code


def test_the_cap_is_told_when_it_is_near_and_when_it_is_reached() -> None:
    promo_list = a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=5)
    an_endpoint("list.cap_near", "list.cap_reached", "list.low_stock")
    for number in range(6):
        claim("springsale", f"cust-{number}")
    assert events() == ["list.cap_near", "list.cap_reached"]
    assert [body["data"]["claim_count"] for body in told()] == [4, 5]
    lists.edit(promo_list.public_id, {"entry_cap": 50}, ACTOR)
    assert len(told()) == 2
    lists.edit(promo_list.public_id, {"entry_cap": 6}, ACTOR)
    assert events()[2:] == ["list.cap_near"]


def test_one_group_that_passes_both_limits_tells_of_both() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=5)
    an_endpoint("list.cap_near", "list.cap_reached")
    claim_many([Attempt("springsale", f"cust-{n}", "key_tests") for n in range(9)])
    assert events() == ["list.cap_near", "list.cap_reached"]


def test_a_low_stock_is_told_after_claims_and_after_cancellations() -> None:
    an_endpoint("list.low_stock")
    first = a_code_of(a_list(name="claimed"), 10)
    for code in first:
        claim(code)
    for code in a_code_of(a_list(name="cancelled"), 10):
        codes.cancel(code, "", ACTOR)
    assert [body["data"]["name"] for body in told()] == ["claimed", "cancelled"]
    assert told()[0]["data"]["claim_count"] == 9


def test_a_low_stock_is_told_once_when_codes_were_handed_out_and_are_claimed_later() -> None:
    an_endpoint("list.low_stock")
    promo_list = a_list()
    a_code_of(promo_list, 20)
    given = [handouts.hand_out(promo_list.public_id, f"c-{n}", ACTOR)[0].shown for n in range(17)]
    assert not told()
    in_bulk(promo_list, ["c-17", "c-18", "c-1"])
    assert [body["data"]["code_count"] for body in told()] == [20]
    for number, code in enumerate(given):
        claim(code, f"c-{number}")
    for recipient, code in handed_out(BulkHandout.objects.get()):
        claim(code, recipient)
    assert len(told()) == 1


def test_claims_of_other_codes_than_those_handed_out_lower_the_stock_too() -> None:
    an_endpoint("list.low_stock")
    promo_list = a_list()
    made = a_code_of(promo_list, 20)
    gone = {handouts.hand_out(promo_list.public_id, f"c-{n}", ACTOR)[0].shown for n in range(9)}
    others = [code for code in made if code not in gone]
    for code in others[:8]:
        claim(code)
    assert not told()
    claim(others[8])
    assert len(told()) == 1
    assert_every_invariant_holds()


def test_a_code_that_was_handed_out_and_cancelled_is_gone_once() -> None:
    an_endpoint("list.low_stock")
    promo_list = a_list()
    a_code_of(promo_list, 20)
    for number in range(17):
        codes.cancel(handouts.hand_out(promo_list.public_id, f"c-{number}", ACTOR)[0].shown, "", "")
    assert not told()
    handouts.hand_out(promo_list.public_id, "c-17", ACTOR)
    assert len(told()) == 1
    assert_every_invariant_holds()


def test_a_low_stock_comes_with_a_cancellation_too_when_others_were_handed_out() -> None:
    promo_list = a_list()
    made = a_code_of(promo_list, 20)
    bulk = in_bulk(promo_list, [f"c-{n}" for n in range(17)])
    an_endpoint("list.low_stock")
    gone = {code for _, code in handed_out(bulk)}
    codes.cancel(next(code for code in made if code not in gone), "", ACTOR)
    assert len(told()) == 1
    assert_every_invariant_holds()


def test_an_end_that_is_near_is_told_once_for_each_end_that_a_list_is_given() -> None:
    an_endpoint("list.ends_soon")
    near = a_list(name="near", ends_in=timedelta(days=2))
    a_list(name="far", ends_in=timedelta(days=4))
    a_list(name="over", starts_in=timedelta(days=-9), ends_in=timedelta(days=-1))
    for _ in range(2):
        endings.tell(100)
    assert [body["data"]["name"] for body in told()] == ["near"]
    end = database_now() + timedelta(days=5)
    lists.edit(near.public_id, {"ends_at": end}, ACTOR)
    endings.tell(100)
    assert len(told()) == 1
    lists.edit(near.public_id, {"ends_at": end - timedelta(days=4)}, ACTOR)
    endings.tell(100)
    assert len(told()) == 2


def test_a_key_that_guesses_is_told_once_a_day_and_waits_while_its_endpoint_is_paused() -> None:
    for _ in range(2):
        a_member(Role.ADMIN)
    webhook = an_endpoint("key.guessing")
    endpoints.change(webhook.public_id, {"status": "paused"}, ACTOR)
    guessing, _ = keys.create("Tills", [Scope.CLAIM], ACTOR)
    callers.count([(guessing.public_id, True)] * 60 + [("key_1", True)] * 60, database_now())
    mails.warn_of_guessing()
    assert told() == []
    callers.count([(guessing.public_id, True)] * 40, database_now())
    for _ in range(2):
        mails.warn_of_guessing()
    (body,) = told("key.guessing")
    assert body["data"] == {
        "key": guessing.public_id,
        "name": "Tills",
        "mostly_unknown": True,
        "unusually_many": True,
    }
    endpoints.send_test(webhook.public_id, ACTOR)
    (run,) = deliveries.take(10, 10, {})
    assert [one.event for one in run.deliveries] == ["webhook.test"]
    endpoints.change(webhook.public_id, {"status": "active"}, ACTOR)
    (run,) = deliveries.take(10, 10, {})
    assert [one.event for one in run.deliveries] == ["key.guessing"]
