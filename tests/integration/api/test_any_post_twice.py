"""Idempotency-Key on every POST of the management API: one effect, one answer."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from promint.accounts.roles import Scope
from promint.api.management import management
from promint.core.claiming import kept_answers
from promint.core.models import AuditEntry, Batch, BulkHandout, KeptAnswer, Offer, PromoList
from promint.core.rules.limits import MANAGING_ANSWERS_KEPT
from promint.core.rules.rules import ListType
from promint.core.storage.clock import database_now
from promint.worker.forgetting import Forgetting
from tests.api import Api, new_list, problem, wrong_fields
from tests.factories import a_batch, a_key, a_list, claim, some_codes
from tests.soundness import assert_every_invariant_holds

KEY = {"HTTP_IDEMPOTENCY_KEY": "deploy-1"}
OFFER = {"name": "Free coffee"}
WEBHOOK = {"url": "https://shop.example/", "events": ["claim.created"]}


@pytest.fixture
def api() -> Api:
    return Api(Scope.MANAGE)


def post(api: Api, path: str, body: Any = None, **key: str) -> HttpResponse:
    return api.send("POST", path, body, **(key or KEY))


def a_batch_request(_: Api) -> tuple[str, Any]:
    return f"/lists/{a_list().public_id}/batches", {"quantity": 5}


def a_failed_batch_to_retry(api: Api) -> tuple[str, Any]:
    path, body = a_batch_request(api)
    made = json.loads(api.post(path, body).content)
    Batch.objects.update(status="failed")
    return f"/batches/{made['id']}/retry", None


def a_list_to_archive(_: Api) -> tuple[str, Any]:
    return f"/lists/{a_list().public_id}/archive", None


def a_list_to_bring_back(api: Api) -> tuple[str, Any]:
    path, _ = a_list_to_archive(api)
    api.ok(api.post(path))
    return path.replace("archive", "unarchive"), None


def a_code_to_cancel(_: Api) -> tuple[str, Any]:
    return f"/codes/{some_codes(1)[0]}/cancel", {"reason": "lost"}


def codes_to_cancel(_: Api) -> tuple[str, Any]:
    return "/cancellations", {"codes": some_codes(2), "reason": "leaked"}


def a_cancellation_to_undo(api: Api) -> tuple[str, Any]:
    made = json.loads(api.post(*codes_to_cancel(api)).content)
    return f"/cancellations/{made['id']}/undo", None


def a_claim_to_take_back(_: Api) -> tuple[str, Any]:
    made = claim(some_codes(1)[0]).claim
    assert made is not None
    return f"/claims/{made.id}/reversal", {"reason": "returned"}


def a_handout(_: Api) -> tuple[str, Any]:
    some_codes(2, promo_list := a_list())
    return f"/lists/{promo_list.public_id}/handouts", {"recipient": "cust-1"}


def an_export_request(_: Api) -> tuple[str, Any]:
    some_codes(1, promo_list := a_list())
    return "/exports", {"list": promo_list.public_id, "format": "csv"}


def a_webhook(api: Api) -> str:
    return str(json.loads(api.post("/webhooks", WEBHOOK).content)["id"])


def a_delivery_to_resend(api: Api) -> tuple[str, Any]:
    webhook = a_webhook(api)
    sent = json.loads(api.post(f"/webhooks/{webhook}/test").content)
    return f"/webhooks/{webhook}/deliveries/{sent['id']}/resend", None


DEEDS: dict[str, Callable[[Api], tuple[str, Any]]] = {
    "/offers": lambda _: ("/offers", OFFER),
    "/lists": lambda _: ("/lists", new_list()),
    "/lists/{id}/batches": a_batch_request,
    "/lists/{id}/archive": a_list_to_archive,
    "/lists/{id}/unarchive": a_list_to_bring_back,
    "/lists/{id}/handouts": a_handout,
    "/batches/{id}/retry": a_failed_batch_to_retry,
    "/codes/{code}/cancel": a_code_to_cancel,
    "/cancellations": codes_to_cancel,
    "/cancellations/{id}/undo": a_cancellation_to_undo,
    "/claims/{id}/reversal": a_claim_to_take_back,
    "/exports": an_export_request,
    "/prints": lambda _: ("/prints", {"batch": a_batch(a_list()).public_id}),
    "/webhooks": lambda _: ("/webhooks", WEBHOOK),
    "/webhooks/{id}/secret": lambda api: (f"/webhooks/{a_webhook(api)}/secret", None),
    "/webhooks/{id}/test": lambda api: (f"/webhooks/{a_webhook(api)}/test", None),
    "/webhooks/{id}/deliveries/{delivery}/resend": a_delivery_to_resend,
}
FILES = {"/lists/{id}/uploads", "/lists/{id}/upload-previews", "/lists/{id}/handouts/bulk"}
DOOR = {"/claims", "/validations"}


def test_every_post_is_tried_here_and_says_that_it_takes_a_key() -> None:
    posts = {
        path.removeprefix("/api/v1"): operations["post"]
        for path, operations in management.get_openapi_schema()["paths"].items()
        if "post" in operations
    }
    assert set(posts) == set(DEEDS) | FILES | DOOR
    for path in posts:
        names = {one["name"] for one in posts[path]["parameters"]}
        assert "Idempotency-Key" in names, path


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_the_same_request_has_one_effect_and_the_same_answer(
    api: Api, deed: Callable[[Api], tuple[str, Any]]
) -> None:
    path, body = deed(api)
    first = post(api, path, body)
    audited = AuditEntry.objects.count()
    second = post(api, path, body)
    assert first.status_code in (200, 201, 202), first.content
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert AuditEntry.objects.count() == audited
    assert_every_invariant_holds()


def test_without_a_key_it_is_done_twice(api: Api) -> None:
    assert [api.post("/offers", OFFER).status_code for _ in range(2)] == [201, 201]
    assert Offer.objects.count() == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [("/offers", {"name": "Tea"}), ("/lists", new_list()), ("/lists", OFFER), ("/offers", {})],
    ids=["another body", "another path", "only the path is another", "a body that is not usable"],
)
def test_a_key_belongs_to_one_request(api: Api, path: str, body: Any) -> None:
    post(api, "/offers", OFFER)
    assert "Idempotency-Key" in wrong_fields(post(api, path, body), "idempotency_key_reused")
    assert (Offer.objects.count(), PromoList.objects.count()) == (1, 0)


def test_a_body_where_none_belongs_is_part_of_the_request(api: Api) -> None:
    path, _ = a_list_to_archive(api)
    assert post(api, path).status_code == 200
    wrong_fields(post(api, path, {"x": 1}), "idempotency_key_reused")


def test_a_key_belongs_to_the_api_key_that_sent_it(api: Api) -> None:
    answers = [post(one, "/offers", OFFER) for one in (api, Api(Scope.MANAGE))]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Offer.objects.count() == 2


@pytest.mark.parametrize("key", ["", "a" * 256, "Schlüssel"])
def test_a_key_is_printable_ascii(api: Api, key: str) -> None:
    answer = api.send("POST", "/offers", OFFER, HTTP_IDEMPOTENCY_KEY=key)
    assert "Idempotency-Key" in wrong_fields(answer)
    assert not Offer.objects.exists()


def test_a_conflict_is_kept_though_it_would_succeed_now(api: Api) -> None:
    promo_list = a_list(entry_cap=1)
    (code,) = some_codes(1, promo_list)
    claim(code)
    path = f"/lists/{promo_list.public_id}/batches"
    first = post(api, path, {"quantity": 5})
    problem(first, "list_completed")
    api.ok(api.patch(f"/lists/{promo_list.public_id}", {"entry_cap": 9}))
    second = post(api, path, {"quantity": 5})
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert post(api, path, {"quantity": 5}, HTTP_IDEMPOTENCY_KEY="deploy-2").status_code == 202


def test_what_was_not_usable_is_not_kept(api: Api) -> None:
    wrong_fields(post(api, "/offers", {"name": ""}))
    assert not KeptAnswer.objects.exists()
    assert post(api, "/offers", OFFER).status_code == 201


def send_file(key: str, path: str, content: bytes = b"AAA-111\nBBB-222\n", **more: str) -> Any:
    form = {"file": SimpleUploadedFile("codes.csv", content), **more}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "upload-1"}
    return Client().post(f"/api/v1{path}", form, headers=headers)


def test_a_file_sent_twice_makes_one_batch_and_another_file_is_refused() -> None:
    path = f"/lists/{a_list(ListType.THIRD_PARTY).public_id}/uploads"
    key = a_key(Scope.MANAGE)
    first, second = send_file(key, path), send_file(key, path)
    assert first.status_code == 202, first.content
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"
    wrong_fields(send_file(key, path, b"CCC-333\n"), "idempotency_key_reused")
    wrong_fields(send_file(key, path, name="Partner"), "idempotency_key_reused")
    assert Batch.objects.count() == 1


def test_a_file_of_recipients_sent_twice_is_one_job() -> None:
    path = f"/lists/{a_list().public_id}/handouts/bulk"
    key = a_key(Scope.MANAGE)
    first, second = send_file(key, path), send_file(key, path)
    assert first.status_code == 202, first.content
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"
    wrong_fields(send_file(key, path, early="yes"), "idempotency_key_reused")
    assert BulkHandout.objects.count() == 1


def test_a_preview_sent_twice_is_answered_the_same() -> None:
    path = f"/lists/{a_list(ListType.THIRD_PARTY).public_id}/upload-previews"
    key = a_key(Scope.MANAGE)
    first, second = send_file(key, path), send_file(key, path)
    assert (first.status_code, second.content) == (200, first.content)
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_file_for_a_list_that_takes_none_is_refused_the_same_twice() -> None:
    path = f"/lists/{a_list().public_id}/uploads"
    key = a_key(Scope.MANAGE)
    first, second = send_file(key, path), send_file(key, path)
    problem(first, "wrong_list_type")
    assert second.content == first.content


def test_answers_are_forgotten_after_a_day(api: Api) -> None:
    post(api, "/offers", OFFER)
    almost = database_now() + MANAGING_ANSWERS_KEPT - timedelta(minutes=1)
    assert kept_answers.forget_old(almost, 100) == 0
    KeptAnswer.objects.update(kept_at=database_now() - MANAGING_ANSWERS_KEPT)
    Forgetting().turn()
    assert post(api, "/offers", OFFER).status_code == 201
    assert Offer.objects.count() == 2
