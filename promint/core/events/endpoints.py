"""Endpoints of webhooks: created with a secret that is shown once, changed, paused, tested,
deleted."""

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from promint.core import audit
from promint.core.events import outbox
from promint.core.rules import Event, check_seen, ids, invalid, limits, not_found, webhooks
from promint.core.storage import database_now, durable, hold, sealed
from promint.core.webhook_tables import Delivery, Webhook

_PURPOSE = "promint.core.events.endpoints"
_SECRET_BYTES = 32
CHOSEN = ("active", "paused")  # the states that people set; "disabled" follows a 410


@durable
def create(url: str, events: list[str], actor: str) -> tuple[Webhook, str]:
    """The new endpoint, and the secret with which its deliveries are signed. Raises Refused."""
    _check({"url": url, "events": events})
    hold("webhooks")
    if existing().count() >= limits.WEBHOOKS:
        message = f"There are {limits.WEBHOOKS} endpoints already. Delete one that is not needed."
        raise invalid({"url": message})
    now, secret = database_now(), _new_secret()
    webhook = Webhook.objects.create(
        url=url,
        events=_in_order(events),
        sealed_secret=sealed.seal(_PURPOSE, secret),
        created_by=actor,
        created_at=now,
        listening_since=now,
    )
    audit.record(actor, "webhook.created", webhook.public_id, after=_described(webhook))
    return webhook, secret


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def problems(changes: dict[str, Any]) -> dict[str, str]:
    """What is wrong with an endpoint's values, by field. `changes` holds some of them."""
    found = {
        "url": webhooks.wrong_url(changes["url"], settings.WEBHOOK_ALLOW)
        if "url" in changes
        else None,
        "events": webhooks.wrong_events(changes["events"]) if "events" in changes else None,
        "status": None
        if changes.get("status", "active") in CHOSEN
        else f"Use one of these: {', '.join(CHOSEN)}.",
    }
    return {field: problem for field, problem in found.items() if problem}


def _check(changes: dict[str, Any]) -> None:
    if wrong := problems(changes):
        raise invalid(wrong)


def _in_order(events: list[str]) -> list[str]:
    return [event.value for event in Event if event in events]


def _described(webhook: Webhook) -> dict[str, Any]:
    return {"url": webhook.url, "events": list(webhook.events), "status": webhook.status}


def secret_of(webhook: Webhook) -> str | None:
    """The secret; None if it cannot be decrypted because the installation's own secret has
    changed."""
    return sealed.unseal(_PURPOSE, webhook.sealed_secret)


def secrets_of(webhook: Webhook) -> list[str]:
    """The secrets that sign deliveries now: the secret and, for OLD_SECRET_KEPT after it was
    replaced, the one before. Empty if the secret cannot be decrypted."""
    secret, old = secret_of(webhook), None
    if webhook.old_secret_until is not None and database_now() < webhook.old_secret_until:
        old = sealed.unseal(_PURPOSE, webhook.sealed_old_secret)
    return [] if secret is None else [secret, old] if old else [secret]


def existing() -> QuerySet[Webhook]:
    """The endpoints that are not deleted, the oldest first."""
    return Webhook.objects.exclude(status="deleted").order_by("created_at", "id")


def find(public_id: str) -> Webhook:
    key = ids.key_of(Webhook.PREFIX, public_id)
    found = None if key is None else existing().filter(id=key).first()
    if found is None:
        raise not_found("webhook")
    return found


@durable
def change(
    public_id: str,
    changes: dict[str, Any],
    actor: str,
    seen: Mapping[str, Any] | None = None,
) -> Webhook:
    """`changes` holds url, events or status. Deliveries that waited are sent once it is active
    again. `seen`: the values of such fields for which the change was made; None means any. Raises
    Refused."""
    webhook = _locked(public_id)
    _check(changes)
    before = _described(webhook)
    check_seen(before, seen)
    webhook.url = changes.get("url", webhook.url)
    webhook.events = _in_order(changes.get("events", webhook.events))
    webhook.status = changes.get("status", webhook.status)
    if webhook.events != before["events"] or before["status"] == "disabled":
        webhook.listening_since = database_now()
    webhook.save(update_fields=["url", "events", "status", "listening_since"])
    if (after := _described(webhook)) != before:
        audit.record(actor, "webhook.changed", public_id, before=before, after=after)
    return webhook


@durable
def replace_secret(public_id: str, actor: str) -> tuple[Webhook, str]:
    """The endpoint, and a new secret. The one before signs deliveries, too, for OLD_SECRET_KEPT,
    so that a receiver may know either. Raises Refused."""
    webhook, secret = _locked(public_id), _new_secret()
    webhook.sealed_old_secret = webhook.sealed_secret
    webhook.old_secret_until = database_now() + limits.OLD_SECRET_KEPT
    webhook.sealed_secret = sealed.seal(_PURPOSE, secret)
    webhook.save(update_fields=["sealed_secret", "sealed_old_secret", "old_secret_until"])
    audit.record(actor, "webhook.secret_replaced", public_id)
    return webhook, secret


@durable
def delete(public_id: str, actor: str) -> None:
    """Delete an endpoint. It is told of nothing more; its deliveries are deleted later."""
    webhook = _locked(public_id)
    Webhook.objects.filter(id=webhook.id).update(
        status="deleted", sealed_secret="", sealed_old_secret=""
    )
    audit.record(actor, "webhook.deleted", public_id, before=_described(webhook))


def _locked(public_id: str) -> Webhook:
    key = find(public_id).id
    found = existing().select_for_update().filter(id=key).first()
    if found is None:
        raise not_found("webhook")
    return found


@durable
def send_test(public_id: str, actor: str) -> Delivery:
    """Queue a test event, which is sent even if the endpoint is paused."""
    webhook = find(public_id)
    now = database_now()
    data = {"webhook": webhook.public_id, "message": "This is a test. Nothing has happened."}
    outbox.write([(webhook.id, outbox.Fact(webhooks.TEST, webhooks.OF_NO_LIST, data, now))])
    audit.record(actor, "webhook.tested", public_id)
    return Delivery.objects.filter(webhook=webhook, event=webhooks.TEST).order_by("-id")[0]
