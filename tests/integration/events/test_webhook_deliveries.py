"""Deliveries are signed, in order, tried again, not delayed by other endpoints, and sent only to
allowed addresses."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from standardwebhooks.webhooks import Webhook as Verifying
from standardwebhooks.webhooks import WebhookVerificationError

from promint.core.events import deliveries, endpoints
from promint.core.models import Delivery, Webhook
from promint.core.rules import Allowed, limits
from promint.core.storage import database_now
from promint.worker.forgetting import Forgetting
from promint.worker.webhooks import Dispatcher, Webhooks, connecting
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes
from tests.mail_server import own_certificate
from tests.receivers import Receiver, receiving
from tests.servers import wait_until


@pytest.fixture(autouse=True)
def local_receivers(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW = Allowed(("127.0.0.1/32",))


@pytest.fixture
def dispatcher() -> Iterator[Dispatcher]:
    dispatcher = Dispatcher()
    yield dispatcher
    dispatcher.stop()


def an_endpoint(receiver: Receiver, *events: str) -> tuple[Webhook, str]:
    return endpoints.create(receiver.url, list(events or ["claim.created"]), ACTOR)


def work_off(dispatcher: Dispatcher) -> None:
    """Work until nothing is due and nothing is being sent."""

    def done() -> bool:
        worked = dispatcher.round()
        dispatcher.wait(0.0 if worked else 0.02)
        return not worked and dispatcher.is_idle

    wait_until(done, 60, every=0)


def some_claims(quantity: int, name: str = "Spring") -> list[str]:
    """The codes of a new list, each of them claimed, in the order of the claims."""
    wanted = shown_codes(a_batch(a_list(name=name), quantity))
    for code in wanted:
        claim(code)
    return wanted


def due_again() -> None:
    Delivery.objects.filter(status="pending").update(due_at=database_now())


def codes_of(receiver: Receiver) -> list[str]:
    return [json.loads(body)["data"]["code"] for _, body in receiver.received]


def test_a_delivery_is_signed_as_the_standard_has_it(dispatcher: Dispatcher) -> None:
    with receiving(Receiver(lambda _: (200, "thanks"))) as receiver:
        _, secret = an_endpoint(receiver)
        (code,) = some_claims(1)
        work_off(dispatcher)
    (verified,) = receiver.verified(secret)
    assert verified["type"] == "claim.created"
    assert verified["data"]["code"] == code
    headers, body = receiver.received[0]
    assert headers["content-type"] == "application/json"
    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.answer_status, row.answer) == (
        *("delivered", 1),
        *(200, "thanks"),
    )
    assert (row.body, row.event_id) == (body, headers["webhook-id"])
    with pytest.raises(WebhookVerificationError):
        Verifying(secret).verify(body.replace("cust-1", "cust-2"), headers)
    other = endpoints.create(receiver.url, ["claim.created"], ACTOR)[1]
    with pytest.raises(WebhookVerificationError):
        Verifying(other).verify(body, headers)


def test_after_the_secret_was_replaced_the_old_one_and_the_new_one_verify(
    dispatcher: Dispatcher,
) -> None:
    with receiving(Receiver()) as receiver:
        webhook, old = endpoints.create(receiver.url, ["claim.created"], ACTOR)
        _, new = endpoints.replace_secret(webhook.public_id, ACTOR)
        some_claims(1)
        work_off(dispatcher)
        headers, body = receiver.received[0]
        Verifying(old).verify(body, headers)
        Verifying(new).verify(body, headers)
        Webhook.objects.update(old_secret_until=database_now())
        some_claims(1)
        work_off(dispatcher)
        headers, body = receiver.received[1]
        Verifying(new).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Verifying(old).verify(body, headers)


def test_the_secret_is_nowhere_as_it_is(dispatcher: Dispatcher) -> None:
    webhook, secret = endpoints.create("https://shop.example/", ["claim.created"], ACTOR)
    row = Webhook.objects.filter(id=webhook.id).values().get()
    assert secret not in str(row)
    assert secret.removeprefix("whsec_") not in str(row)
    assert endpoints.secret_of(webhook) == secret


def test_events_of_a_list_arrive_in_the_order_of_their_commits(dispatcher: Dispatcher) -> None:
    with receiving(Receiver()) as receiver:
        an_endpoint(receiver)
        wanted = some_claims(250)
        work_off(dispatcher)
    assert codes_of(receiver) == wanted
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}


def test_nothing_overtakes_what_did_not_arrive_and_other_lists_go_on(
    dispatcher: Dispatcher,
) -> None:
    refused: list[str] = []

    def answer(number: int) -> tuple[int, str]:
        code = json.loads(receiver.received[number][1])["data"]["code"]
        if code == first[2] and len(refused) < 2:
            refused.append(code)
            return 500, "not now"
        return 204, ""

    with receiving(Receiver(answer)) as receiver:
        an_endpoint(receiver)
        first = some_claims(5, "first")
        second = some_claims(5, "second")
        work_off(dispatcher)
        assert sorted(codes_of(receiver)) == sorted([*first[:3], *second])
        waits = Delivery.objects.get(error__isnull=False)
        assert (waits.status, waits.attempts, waits.answer_status) == ("pending", 1, 500)
        assert waits.answer == "not now"
        assert waits.error == "The receiver answered 500."
        assert timedelta(0) < waits.due_at - database_now() < timedelta(seconds=6)
        due_again()
        work_off(dispatcher)
        assert Delivery.objects.filter(status="pending").count() == 3
        due_again()
        work_off(dispatcher)
    of_first = [code for code in codes_of(receiver) if code in first]
    assert of_first == [*first[:3], first[2], first[2], *first[3:]]
    ids = [i for i, c in zip(receiver.ids, codes_of(receiver), strict=True) if c == first[2]]
    assert len(ids) == 3
    assert len(set(ids)) == 1


def test_a_receiver_that_hangs_or_is_dead_holds_up_no_other(dispatcher: Dispatcher) -> None:
    go_on = threading.Event()

    def hang(_: int) -> tuple[int, str]:
        go_on.wait(60)
        return 204, ""

    with receiving(Receiver(hang)) as hanging, receiving(Receiver()) as quick:
        with receiving(Receiver()) as dead:
            an_endpoint(dead)
        an_endpoint(hanging)
        an_endpoint(quick)
        wanted = [code for number in range(6) for code in some_claims(3, f"List {number}")]
        started = time.monotonic()
        wait_until(
            lambda: dispatcher.round() is not None and len(quick.received) == len(wanted), 10
        )
        assert time.monotonic() - started < 5
        assert len(hanging.received) <= 4
        claim(shown_codes(a_batch(a_list(), 1))[0])
        go_on.set()
        work_off(dispatcher)
        assert len(hanging.received) == len(wanted) + 1
    failed = Delivery.objects.filter(error__startswith="The receiver could not be reached")
    assert failed.count() == 7


def test_it_is_given_up_after_three_days_and_the_next_is_sent(dispatcher: Dispatcher) -> None:
    with receiving(Receiver(lambda number: (500 if number < 10 else 200, ""))) as receiver:
        an_endpoint(receiver)
        first, second = some_claims(2)
        for _ in range(10):
            due_again()
            work_off(dispatcher)
    assert codes_of(receiver) == [first] * 10 + [second]
    assert list(Delivery.objects.order_by("id").values_list("status", "attempts")) == [
        ("failed", 10),
        ("delivered", 1),
    ]


def test_410_disables_the_endpoint(dispatcher: Dispatcher) -> None:
    with receiving(Receiver(lambda _: (410, ""))) as receiver:
        webhook, _ = an_endpoint(receiver)
        some_claims(3)
        work_off(dispatcher)
        some_claims(1)
        work_off(dispatcher)
        assert len(receiver.received) == 1
        assert endpoints.find(webhook.public_id).status == "disabled"
        receiver.answer = lambda _: (200, "")
        endpoints.change(webhook.public_id, {"status": "active"}, ACTOR)
        work_off(dispatcher)
    assert len(receiver.received) == 3


def test_redirects_are_not_followed(dispatcher: Dispatcher) -> None:
    with receiving(Receiver()) as other, receiving(Receiver(lambda _: (302, ""))) as receiver:
        receiver.headers["Location"] = other.url
        an_endpoint(receiver)
        some_claims(1)
        work_off(dispatcher)
    assert len(receiver.received) == 1
    assert other.received == []
    assert "redirect" in (Delivery.objects.get().error or "")


def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    dispatcher: Dispatcher, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name server first gives a public address and then a private one. A second look-up
    would be deceived, but there is none."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with receiving(Receiver()) as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        monkeypatch.setattr(connecting.socket, "getaddrinfo", getaddrinfo)
        receiver.url = f"http://rebinding.example:{port}/"
        an_endpoint(receiver)
        some_claims(1)
        settings.WEBHOOK_ALLOW = Allowed()
        strict = Dispatcher()
        work_off(strict)
        strict.stop()
        assert receiver.received == []
        assert "private" in (Delivery.objects.get().error or "")
        due_again()
        work_off(dispatcher)
    assert len(receiver.received) == 1
    assert receiver.received[0][0]["host"] == f"rebinding.example:{port}"
    assert asked == ["rebinding.example"] * 2


def test_a_large_or_odd_answer_is_kept_in_part(dispatcher: Dispatcher) -> None:
    with receiving(Receiver(lambda _: (200, "\x00ä" * 1_000_000))) as receiver:
        an_endpoint(receiver)
        some_claims(1)
        work_off(dispatcher)
    row = Delivery.objects.get()
    assert row.status == "delivered"
    assert row.answer == "\ufffdä" * (limits.WEBHOOK_ANSWER_CHARACTERS // 2)


def test_pausing_holds_what_happens_and_going_on_sends_it(dispatcher: Dispatcher) -> None:
    with receiving(Receiver()) as receiver:
        webhook, _ = an_endpoint(receiver)
        endpoints.change(webhook.public_id, {"status": "paused"}, ACTOR)
        wanted = some_claims(3)
        work_off(dispatcher)
        assert receiver.received == []
        endpoints.change(webhook.public_id, {"status": "active"}, ACTOR)
        work_off(dispatcher)
    assert codes_of(receiver) == wanted


def test_a_test_event_reaches_a_paused_endpoint_too(dispatcher: Dispatcher) -> None:
    with receiving(Receiver()) as receiver:
        webhook, secret = an_endpoint(receiver)
        endpoints.change(webhook.public_id, {"status": "paused"}, ACTOR)
        endpoints.send_test(webhook.public_id, ACTOR)
        work_off(dispatcher)
    (body,) = receiver.verified(secret)
    assert body["type"] == "webhook.test"
    assert body["data"]["webhook"] == webhook.public_id


def test_what_is_sent_again_has_the_same_id_and_body(dispatcher: Dispatcher) -> None:
    with receiving(Receiver()) as receiver:
        webhook, secret = an_endpoint(receiver)
        some_claims(1)
        work_off(dispatcher)
        row = Delivery.objects.get()
        again = deliveries.resend(webhook.public_id, row.public_id, ACTOR)
        assert again.id != row.id
        work_off(dispatcher)
    first, second = receiver.verified(secret)
    assert first == second
    assert len(set(receiver.ids)) == 1


def test_one_that_waits_is_tried_at_once_when_it_is_asked_for(dispatcher: Dispatcher) -> None:
    with receiving(Receiver(lambda number: (500 if number == 0 else 200, ""))) as receiver:
        webhook, _ = an_endpoint(receiver)
        some_claims(1)
        work_off(dispatcher)
        row = Delivery.objects.get()
        assert deliveries.resend(webhook.public_id, row.public_id, ACTOR).id == row.id
        work_off(dispatcher)
    assert len(receiver.received) == 2
    assert Delivery.objects.get().status == "delivered"


def test_a_worker_that_was_given_up_changes_nothing_any_more(dispatcher: Dispatcher) -> None:
    with receiving(Receiver()) as receiver:
        an_endpoint(receiver)
        some_claims(2)
        (lost,) = deliveries.take(1, 1, {})
        assert deliveries.take(1, 1, {}) == []
        Delivery.objects.update(leased_until=database_now() - timedelta(seconds=1))
        work_off(dispatcher)
    before = list(Delivery.objects.values())
    deliveries.settle(lost, [deliveries.Tried(lost.first, error="late")])
    assert list(Delivery.objects.values()) == before
    assert {row["status"] for row in before} == {"delivered"}


def test_the_worker_sends_beside_its_other_chores() -> None:
    chore = Webhooks()
    with receiving(Receiver()) as receiver:
        an_endpoint(receiver)
        assert chore.turn() is False
        some_claims(1)
        wait_until(lambda: Delivery.objects.get().status == "delivered", 10)
        chore.stop()
    assert len(receiver.received) == 1


def test_deliveries_are_kept_for_seven_days_and_those_of_a_deleted_endpoint_go(
    dispatcher: Dispatcher,
) -> None:
    webhook, _ = endpoints.create("https://shop.example/", ["claim.created"], ACTOR)
    some_claims(3)
    old, kept, new = Delivery.objects.order_by("id")
    ages: list[tuple[Delivery, timedelta]] = [(old, timedelta(days=7, minutes=1))]
    ages.append((kept, timedelta(days=6, hours=23)))
    for delivery, age in ages:
        made: datetime = database_now() - age
        Delivery.objects.filter(id=delivery.id).update(created_at=made)
    Forgetting().turn()
    assert {d.id for d in Delivery.objects.all()} == {kept.id, new.id}
    endpoints.delete(webhook.public_id, ACTOR)
    while Webhook.objects.exists():
        Forgetting().turn()
    assert not Delivery.objects.exists()


def test_a_certificate_is_checked_against_the_name_of_the_endpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This holds although the connection goes to an IP address. The receiver's certificate is
    for 127.0.0.1."""
    monkeypatch.setattr(
        connecting.socket,
        "getaddrinfo",
        lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))],
    )
    with receiving(Receiver(), tls=own_certificate(tmp_path)) as receiver:
        an_endpoint(receiver)
        some_claims(1)
        stranger = Dispatcher()
        work_off(stranger)
        stranger.stop()
        assert "certificate" in (Delivery.objects.get().error or "").lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        Webhook.objects.update(url=receiver.url.replace("127.0.0.1", "other.example"))
        due_again()
        knowing = Dispatcher()
        work_off(knowing)
        assert "other.example" in (Delivery.objects.get().error or "")
        Webhook.objects.update(url=receiver.url)
        due_again()
        work_off(knowing)
        knowing.stop()
    assert len(receiver.received) == 1
    assert Delivery.objects.get().status == "delivered"
