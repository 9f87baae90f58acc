"""Webhooks in the API: created with a secret that is shown once, read, changed, deleted."""

from typing import Any

import pytest
from django.conf import LazySettings

from promint.accounts.roles import Scope
from promint.core.events import endpoints
from promint.core.models import AuditEntry, Delivery, KeptAnswer, Webhook
from promint.core.rules import Allowed, limits
from promint.worker.webhooks import Dispatcher
from tests.api import Api, problem, wrong_fields
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes
from tests.receivers import Receiver, receiving
from tests.servers import wait_until

URL = "https://shop.example/hooks"


@pytest.fixture
def api() -> Api:
    return Api(Scope.MANAGE)


def a_webhook(api: Api, **more: Any) -> dict[str, Any]:
    body = {"url": URL, "events": ["claim.created"], **more}
    found: dict[str, Any] = api.ok(api.post("/webhooks", body), 201)
    return found


def some_claims(quantity: int) -> None:
    for code in shown_codes(a_batch(a_list(), quantity)):
        claim(code)


def test_the_secret_is_shown_when_it_is_created_and_never_again(api: Api) -> None:
    made = a_webhook(api, events=["list.created", "claim.created"])
    assert made["secret"].startswith("whsec_")
    assert (made["url"], made["status"]) == (URL, "active")
    assert made["events"] == ["claim.created", "list.created"]
    shown = {key: value for key, value in made.items() if key != "secret"}
    assert api.ok(api.get(f"/webhooks/{made['id']}")) == shown
    assert api.ok(api.get("/webhooks")) == {"items": [shown], "count": 1}
    assert made["secret"] not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": URL}, "events"),
        ({"events": ["claim.created"]}, "url"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": ["claim.made"]}, "events"),
        ({"url": URL, "events": "claim.created"}, "events"),
        ({"url": "shop", "events": ["claim.created"]}, "url"),
        ({"url": "http://127.0.0.1/", "events": ["claim.created"]}, "url"),
        ({"url": "http://169.254.169.254/", "events": ["claim.created"]}, "url"),
        ({"url": URL, "events": ["claim.created"], "secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_is_wrong_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    assert wrong_fields(api.post("/webhooks", body)).keys() == {field}
    assert not Webhook.objects.exists()


def test_the_address_that_is_allowed_by_name_is_taken(api: Api, settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW = Allowed(("127.0.0.0/8",))
    assert a_webhook(api, url="http://127.0.0.1:9/")["url"] == "http://127.0.0.1:9/"


def test_the_number_of_endpoints_is_limited(api: Api) -> None:
    for _ in range(limits.WEBHOOKS):
        endpoints.create(URL, ["claim.created"], ACTOR)
    refused = api.post("/webhooks", {"url": URL, "events": ["claim.created"]})
    assert "50 endpoints" in wrong_fields(refused)["url"]


def test_it_is_changed_paused_and_set_going_again(api: Api) -> None:
    made = a_webhook(api)
    address = f"/webhooks/{made['id']}"
    changed = api.ok(api.patch(address, {"url": f"{URL}/2", "events": ["batch.active"]}))
    assert (changed["url"], changed["events"]) == (f"{URL}/2", ["batch.active"])
    assert api.ok(api.patch(address, {"status": "paused"}))["status"] == "paused"
    assert api.ok(api.patch(address, {}))["status"] == "paused"
    assert api.ok(api.patch(address, {"status": "active"}))["status"] == "active"
    for wrong in ({"status": "disabled"}, {"url": "x"}, {"events": []}, {"secret": "x"}):
        assert wrong_fields(api.patch(address, wrong)).keys() == wrong.keys()


def test_a_deleted_one_is_gone(api: Api) -> None:
    address = f"/webhooks/{a_webhook(api)['id']}"
    answer = api.send("DELETE", address)
    assert (answer.status_code, answer.content) == (204, b"")
    for response in (
        api.get(address),
        api.patch(address, {"status": "paused"}),
        api.send("DELETE", address),
        api.post(f"{address}/test"),
        api.get(f"{address}/deliveries"),
        api.post(f"{address}/deliveries/dlv_0000000000001/resend"),
    ):
        problem(response, "not_found")
    assert api.ok(api.get("/webhooks"))["count"] == 0


def test_deliveries_come_in_pages_newest_first(api: Api) -> None:
    made = a_webhook(api)
    address = f"/webhooks/{made['id']}/deliveries"
    some_claims(5)
    seen: list[dict[str, Any]] = []
    page = api.ok(api.get(address, limit=2))
    while True:
        seen += page["items"]
        if page["next"] is None:
            break
        page = api.ok(api.get(address, limit=2, cursor=page["next"]))
    newest = [row.public_id for row in Delivery.objects.order_by("-id")]
    assert [row["id"] for row in seen] == newest
    assert {row["status"] for row in seen} == {"pending"}
    assert seen[0]["body"]["type"] == "claim.created"
    assert seen[0]["answer"] is None
    assert api.ok(api.get(address, status="failed"))["items"] == []
    assert len(api.ok(api.get(address, status="pending"))["items"]) == 5
    assert wrong_fields(api.get(address, cursor="made up")).keys() == {"cursor"}


def test_a_delivery_shows_what_was_answered_and_is_sent_again(
    api: Api, settings: LazySettings
) -> None:
    settings.WEBHOOK_ALLOW = Allowed(("127.0.0.1/32",))
    with receiving(Receiver(lambda number: (500 if number == 0 else 200, "so"))) as receiver:
        made = a_webhook(api, url=receiver.url)
        address = f"/webhooks/{made['id']}"
        dispatcher = Dispatcher()

        def until(count: int) -> None:
            def arrived() -> bool:
                dispatcher.round()
                return len(receiver.received) == count and dispatcher.is_idle

            wait_until(arrived, 60)

        sent = api.ok(api.post(f"{address}/test"), 202)
        assert (sent["event"], sent["status"]) == ("webhook.test", "pending")
        until(1)
        (row,) = api.ok(api.get(f"{address}/deliveries"))["items"]
        assert (row["id"], row["status"], row["attempts"]) == (sent["id"], "pending", 1)
        assert row["answer"] == {"status": 500, "body": "so"}
        assert row["error"] == "The receiver answered 500."
        assert row["next_attempt_at"] > row["created_at"]
        again = api.ok(api.post(f"{address}/deliveries/{row['id']}/resend"), 202)
        assert again["id"] == row["id"]
        until(2)
        (row,) = api.ok(api.get(f"{address}/deliveries"))["items"]
        assert (row["status"], row["error"], row["next_attempt_at"]) == ("delivered", None, None)
        anew = api.ok(api.post(f"{address}/deliveries/{row['id']}/resend"), 202)
        assert anew["id"] != row["id"]
        assert anew["event_id"] == row["event_id"]
        until(3)
        assert len(receiver.verified(made["secret"])) == 3
        dispatcher.stop()


def test_a_delivery_of_another_endpoint_is_not_found(api: Api) -> None:
    one, two = a_webhook(api), a_webhook(api, events=["list.created"])
    some_claims(1)
    delivery = Delivery.objects.get(webhook__id__isnull=False, event="claim.created")
    assert delivery.webhook.public_id == one["id"]
    path = f"/webhooks/{two['id']}/deliveries/{delivery.public_id}/resend"
    problem(api.post(path), "not_found")


def test_a_key_with_only_the_scope_claim_is_refused(api: Api) -> None:
    problem(Api(Scope.CLAIM).get("/webhooks"), "forbidden")


def test_the_kept_answer_holds_the_secret_sealed() -> None:
    api = Api(Scope.MANAGE)
    body = {"url": "https://shop.example.com/hooks", "events": ["claim.created"]}
    first, again = (
        api.send("POST", "/webhooks", body, HTTP_IDEMPOTENCY_KEY="hook-1") for _ in range(2)
    )
    assert b"whsec_" in first.content
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert b"whsec_" not in bytes(KeptAnswer.objects.get().body)
    assert Webhook.objects.count() == 1
