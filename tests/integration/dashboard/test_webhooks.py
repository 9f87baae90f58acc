"""Webhooks for administrators: endpoints, their deliveries, and what can be done with them."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.core.events import endpoints
from promint.core.models import Delivery, Webhook
from promint.core.rules import Event
from promint.core.storage import database_now
from promint.dashboard.webhooks import TOLD
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes

URL = "https://shop.example/hooks"


def a_webhook(*events: str) -> Webhook:
    return endpoints.create(URL, list(events or ["claim.created"]), ACTOR)[0]


def page_of(webhook: Webhook, rest: str = "") -> str:
    return f"/webhooks/{webhook.public_id}{rest}"


def claims(quantity: int) -> None:
    for code in shown_codes(a_batch(a_list(), quantity)):
        claim(code)


def test_every_event_has_words() -> None:
    assert set(TOLD) == set(Event)


def test_the_secret_is_shown_once(admin: Client) -> None:
    assert "No endpoints yet" in admin.get("/webhooks").content.decode()
    typed = {"url": URL, "events": ["claim.created", "batch.active"], "sent_once": "0" * 32}
    shown = admin.post("/webhooks/new", typed).content.decode()
    (secret,) = set(re.findall(r"whsec_[A-Za-z0-9+/=]{20,}", shown))
    assert endpoints.secret_of(Webhook.objects.get()) == secret
    again = admin.post("/webhooks/new", typed)
    assert again.status_code == 302
    assert Webhook.objects.count() == 1
    listed = admin.get("/webhooks").content.decode()
    assert URL in listed
    assert "2 events" in listed
    assert secret not in listed + admin.get(page_of(Webhook.objects.get())).content.decode()


def test_it_is_said_whether_what_happened_meanwhile_is_told(admin: Client) -> None:
    webhook = a_webhook()

    def switched(status: str) -> str:
        answer = admin.post(page_of(webhook, "/status"), {"status": status}, follow=True)
        return answer.content.decode()

    assert "What happens meanwhile waits for it." in switched("paused")
    assert "also of what it missed while it was paused" in switched("active")
    Webhook.objects.update(status="disabled")
    assert "of what happens from now on" in switched("active")


def test_the_answer_to_a_test_event_is_waited_for_on_the_page(admin: Client) -> None:
    webhook = a_webhook()
    assert "hx-trigger" not in admin.get(page_of(webhook)).content.decode()
    tested = admin.post(page_of(webhook, "/test"), follow=True).content.decode()
    assert 'hx-trigger="every 1s"' in tested
    Delivery.objects.update(attempts=1)
    assert "hx-trigger" not in admin.get(page_of(webhook)).content.decode()


def test_the_secret_is_replaced_once_and_the_old_one_signs_for_a_day(admin: Client) -> None:
    webhook, old = endpoints.create(URL, ["claim.created"], ACTOR)
    asked = admin.get(page_of(webhook) + "/secret").content.decode()
    assert "Replace the secret?" in asked
    assert "less than a day ago" not in asked
    typed = {"sent_once": "0" * 32}
    shown = admin.post(page_of(webhook) + "/secret", typed).content.decode()
    (new,) = set(re.findall(r"whsec_[A-Za-z0-9+/=]{20,}", shown))
    assert admin.post(page_of(webhook) + "/secret", typed).status_code == 302
    webhook.refresh_from_db()
    assert endpoints.secrets_of(webhook) == [new, old]
    page = admin.get(page_of(webhook)).content.decode()
    assert "Signs deliveries, too, until" in page
    assert new not in page
    assert "less than a day ago" in admin.get(page_of(webhook) + "/secret").content.decode()
    Webhook.objects.update(old_secret_until=database_now())
    webhook.refresh_from_db()
    assert endpoints.secrets_of(webhook) == [new]
    assert "Signs deliveries, too" not in admin.get(page_of(webhook)).content.decode()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"url": ""}, "url", "Enter the address"),
        ({"url": "http://127.0.0.1:9/"}, "url", "PROMINT_WEBHOOK_ALLOW"),
        ({"events": []}, "events", "Choose at least one event."),
        ({"events": ["claim.guessed"]}, "events", "claim.guessed"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    admin: Client, typed: dict[str, Any], field: str, said: str
) -> None:
    answer = admin.post("/webhooks/new", {"url": URL, "events": ["claim.created"], **typed})
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert not Webhook.objects.exists()


def test_an_endpoint_is_changed_paused_tested_and_deleted(admin: Client) -> None:
    webhook = a_webhook()
    edited = {"url": "https://shop.example/new", "events": ["list.created"]}
    assert admin.post(page_of(webhook, "/edit"), edited).status_code == 302
    for status in ("paused", "active"):
        admin.post(page_of(webhook, "/status"), {"status": status})
        webhook.refresh_from_db()
        assert webhook.status == status
    assert (webhook.url, webhook.events) == ("https://shop.example/new", ["list.created"])
    admin.post(page_of(webhook, "/test"))
    assert "webhook.test" in admin.get(page_of(webhook)).content.decode()
    assert "Delete this endpoint?" in admin.get(page_of(webhook, "/delete")).content.decode()
    admin.post(page_of(webhook, "/delete"))
    assert admin.get(page_of(webhook)).status_code == 404


def test_deliveries_show_what_was_answered_and_are_sent_again(admin: Client) -> None:
    webhook = a_webhook()
    claims(1)
    sent = Delivery.objects.get()
    Delivery.objects.update(status="failed", answer_status=500, answer="<b>Oh", error="500 came.")
    shown = admin.get(page_of(webhook)).content.decode()
    assert "500 came." in shown
    assert "&lt;b&gt;Oh" in shown
    assert admin.post(page_of(webhook, f"/deliveries/{sent.public_id}/resend")).status_code == 302
    again = Delivery.objects.get(status="pending")
    assert (again.event_id, again.body) == (sent.event_id, sent.body)


def test_many_deliveries_come_page_by_page_with_as_many_queries(admin: Client) -> None:
    webhook = a_webhook()
    claims(2)
    with CaptureQueriesContext(connection) as few:
        admin.get(page_of(webhook))
    claims(51)
    with CaptureQueriesContext(connection) as many:
        first = admin.get(page_of(webhook))
    assert len(many) == len(few)
    assert not any("COUNT(*)" in query["sql"] for query in many)
    assert len(first.context["deliveries"]) == 50
    older = admin.get(page_of(webhook), {"before": first.context["next"]})
    assert len(older.context["deliveries"]) == 3
