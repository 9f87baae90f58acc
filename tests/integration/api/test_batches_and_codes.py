"""Batches and codes over HTTP."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from promint.accounts.models import ApiKey
from promint.core.codes import batches
from promint.core.models import AuditEntry, Batch
from promint.core.rules import limits
from promint.core.rules.codewords import canonical
from promint.core.rules.rules import ListType, Verdict
from tests.api import Api, problem, wrong_fields
from tests.factories import (
    a_batch,
    a_code,
    a_list,
    a_pending_batch,
    claim,
    generate,
    shown_codes,
    third_party_codes,
)


@pytest.fixture
def api() -> Api:
    return Api()


def test_a_batch_is_asked_for_and_becomes_active(api: Api) -> None:
    promo_list = a_list()
    body = {"quantity": 3, "name": " Till 1 ", "notify": ["ops@example.com"]}
    asked = api.ok(api.post(f"/lists/{promo_list.public_id}/batches", body), 202)
    assert asked["id"].startswith("bat_")
    assert asked == {
        "id": asked["id"],
        "list": promo_list.public_id,
        "source": "generated",
        "name": "Till 1",
        "quantity": 3,
        "created": 0,
        "rejected": 0,
        "status": "pending",
        "error": None,
        "file_name": None,
        "reasons": {},
        "account": None,
        "alerts": [],
        "created_at": asked["created_at"],
        "finished_at": None,
    }
    generate(batches.find(asked["id"]))
    done = api.ok(api.get(f"/batches/{asked['id']}"))
    assert done["finished_at"] > asked["created_at"]
    assert done == asked | {
        "status": "active",
        "created": 3,
        "finished_at": done["finished_at"],
        "alerts": [
            {"address": "ops@example.com", "about": "finished", "status": "pending", "error": None}
        ],
    }


def test_a_batch_needs_only_its_quantity(api: Api) -> None:
    path = f"/lists/{a_list().public_id}/batches"
    made = api.ok(api.post(path, {"quantity": 1}), 202)
    assert (made["name"], Batch.objects.get().notify) == ("", [])


def test_the_batches_of_a_list_are_listed_newest_first(api: Api) -> None:
    promo_list = a_list()
    first, second = (a_pending_batch(promo_list).public_id for _ in range(2))
    a_pending_batch(a_list())
    path = f"/lists/{promo_list.public_id}/batches"
    page = api.ok(api.get(path))
    assert [item["id"] for item in page["items"]] == [second, first]
    assert page["count"] == 2
    page = api.ok(api.get(path, limit=1, offset=1))
    assert [item["id"] for item in page["items"]] == [first]


def test_a_completed_list_takes_no_batch(api: Api) -> None:
    hour = timedelta(hours=1)
    ended = a_list(starts_in=-2 * hour, ends_in=-hour)
    response = api.post(f"/lists/{ended.public_id}/batches", {"quantity": 1})
    problem(response, "list_completed")
    assert not Batch.objects.exists()


def test_only_single_use_lists_generate(api: Api) -> None:
    for kind in (ListType.MULTI_USE, ListType.THIRD_PARTY):
        response = api.post(f"/lists/{a_list(kind).public_id}/batches", {"quantity": 1})
        problem(response, "wrong_list_type")


def test_more_codes_than_can_be_hard_to_guess_are_refused(api: Api) -> None:
    promo_list = a_list(code_length=8)
    path = f"/lists/{promo_list.public_id}/batches"
    assert "quantity" in wrong_fields(api.post(path, {"quantity": 1_000_000}), "keyspace_too_small")


def test_an_unknown_batch_is_not_found(api: Api) -> None:
    for batch_id in ("bat_0000000000000", "lst_0000000000000", "x", "%00", "%ED%A0%80"):
        problem(api.get(f"/batches/{batch_id}"), "not_found")
        problem(api.get(f"/batches/{batch_id}/codes"), "not_found")


def pages(api: Api, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    found, cursor = [], ""
    while cursor is not None:
        page = api.ok(api.get(path, cursor=cursor, **query))
        assert set(page) == {"items", "next"}
        found.append(page["items"])
        cursor = page["next"]
    return found


def test_every_code_of_a_batch_is_read_once_by_cursor(api: Api) -> None:
    batch = a_batch(a_list(), 5)
    read = pages(api, f"/batches/{batch.public_id}/codes", limit=2)
    assert [len(page) for page in read] == [2, 2, 1]
    assert [item["code"] for page in read for item in page] == shown_codes(batch)


def test_a_page_that_is_just_full_is_the_last(api: Api) -> None:
    batch = a_batch(a_list(), 2)
    assert [len(p) for p in pages(api, f"/batches/{batch.public_id}/codes", limit=2)] == [2]


def test_a_cursor_tells_no_code_and_fits_one_collection(api: Api) -> None:
    batch, other = a_batch(a_list(), 2), a_batch(a_list(), 2)
    page = api.ok(api.get(f"/batches/{batch.public_id}/codes", limit=1))
    cursor, code = page["next"], canonical(page["items"][0]["code"])
    assert code not in cursor.upper()
    for path, sent in [
        (f"/batches/{other.public_id}/codes", cursor),
        (f"/batches/{batch.public_id}/codes", cursor[:-5] + "AAAA="),
        (f"/batches/{batch.public_id}/codes", code),
        (f"/batches/{batch.public_id}/codes", "é\x00"),
        ("/customers/cust-1/claims", cursor),
    ]:
        assert "cursor" in wrong_fields(api.get(path, cursor=sent)), sent


def test_a_code_reads_with_its_claim(api: Api) -> None:
    promo_list = a_list()
    batch = a_batch(promo_list, 1)
    (code,) = shown_codes(batch)
    available = api.ok(api.get(f"/codes/{code}"))
    assert available == {
        "code": code,
        "list": promo_list.public_id,
        "type": "single_use",
        "batch": batch.public_id,
        "status": "available",
        "claim": None,
        "handed_out": None,
        "claim_count": 0,
        "entry_cap": 1,
    }
    made = claim(code).claim
    assert made is not None
    claimed = api.ok(api.get(f"/codes/{code}"))
    assert claimed["claim"] == api.ok(api.get(f"/claims/{made.id}"))
    assert claimed == available | {
        "status": "claimed",
        "claim": claimed["claim"],
        "claim_count": 1,
    }


def test_a_multi_use_code_stays_available_with_its_own_cap(api: Api) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=2)
    claim("SpringSale", "a")
    claim("SpringSale", "b")
    assert api.ok(api.get("/codes/springsale")) == {
        "code": "SpringSale",
        "list": promo_list.public_id,
        "type": "multi_use",
        "batch": None,
        "status": "available",
        "claim": None,
        "handed_out": None,
        "claim_count": 2,
        "entry_cap": 2,
    }


@pytest.mark.parametrize(
    "typed",
    ["AB12CD", "ab-12-cd", " ab 12\tcd ", "ab_12.cd", "\u2014ab\u00ad12cd", "\uff21b12cd"],
)
def test_a_code_is_found_however_it_is_typed(api: Api, typed: str) -> None:
    third_party_codes(a_list(ListType.THIRD_PARTY), ["AB12CD"])
    assert api.ok(api.get(f"/codes/{quote(typed)}"))["code"] == "AB12CD"


@pytest.mark.parametrize(
    "typed", ["XX", "ÄÖÜ", "AB/12CD", "A" * 65, "-" * 199 + "AB12CD", "AB12CD\x00"]
)
def test_what_cannot_be_a_code_is_not_found(api: Api, typed: str) -> None:
    third_party_codes(a_list(ListType.THIRD_PARTY), ["AB12CD"])
    problem(api.get(f"/codes/{quote(typed)}"), "not_found")
    problem(api.post(f"/codes/{quote(typed)}/cancel"), "not_found")


def test_what_is_not_utf8_is_no_code(api: Api) -> None:
    for typed in ("%ED%A0%80", "%FF"):
        problem(api.get(f"/codes/{typed}"), "not_found")


def test_a_code_is_cancelled_with_a_reason_and_cancelling_it_again_changes_nothing(
    api: Api,
) -> None:
    code = a_code()
    cancelled = api.ok(api.post(f"/codes/{code.lower()}/cancel", {"reason": "Lost"}))
    assert (cancelled["code"], cancelled["status"]) == (code, "cancelled")
    assert api.ok(api.post(f"/codes/{code}/cancel", {"reason": "Lost again"})) == cancelled
    assert claim(code).verdict is Verdict.CODE_CANCELLED
    (entry,) = AuditEntry.objects.filter(action="code.cancelled")
    assert (entry.actor, entry.after["reason"]) == (
        f"key:{ApiKey.objects.get(name='Till').public_id}",
        "Lost",
    )


@pytest.mark.parametrize("body", [None, {}, {"reason": ""}])
def test_a_cancellation_needs_no_reason(api: Api, body: Any) -> None:
    code = a_code()
    assert api.ok(api.post(f"/codes/{code}/cancel", body))["status"] == "cancelled"


def test_a_claimed_code_is_not_cancelled(api: Api) -> None:
    code = a_code()
    claim(code)
    problem(api.post(f"/codes/{code}/cancel"), "code_already_claimed")
    assert api.ok(api.get(f"/codes/{code}"))["status"] == "claimed"


def test_a_multi_use_code_is_not_cancelled(api: Api) -> None:
    a_list(ListType.MULTI_USE, code="SpringSale")
    problem(api.post("/codes/springsale/cancel"), "wrong_list_type")


def test_a_page_holds_up_to_a_thousand(api: Api) -> None:
    batch = a_batch(a_list(), 3)
    path = f"/batches/{batch.public_id}/codes"
    assert len(api.ok(api.get(path, limit=limits.PAGE_ITEMS))["items"]) == 3
    assert "limit" in wrong_fields(api.get(path, limit=limits.PAGE_ITEMS + 1))


def test_the_codes_of_a_list_by_batch_and_status(api: Api) -> None:
    promo_list = a_list()
    first, second = a_batch(promo_list, 3), a_batch(promo_list, 3)
    claimed, *_ = shown_codes(second)
    claim(claimed)
    path = f"/lists/{promo_list.public_id}/codes"
    newest = api.ok(api.get(path, limit=4))
    rest = api.ok(api.get(path, limit=4, cursor=newest["next"]))
    batches = [code["batch"] for code in newest["items"] + rest["items"]]
    assert batches == [second.public_id] * 3 + [first.public_id] * 3
    assert rest["next"] is None
    (only,) = api.ok(api.get(path, status="claimed", batch=second.public_id))["items"]
    assert (only["code"], only["status"]) == (claimed, "claimed")
    assert len(api.ok(api.get(path, status="available", order="oldest"))["items"]) == 5
    other = a_batch(a_list(), 1)
    assert wrong_fields(api.get(path, batch=other.public_id)) == {
        "batch": "This is a batch of another list."
    }
    problem(api.get(path, batch="bat_0000000000000"), "not_found")
