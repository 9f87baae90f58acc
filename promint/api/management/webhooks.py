"""Webhooks: endpoints that are told of events, and what was delivered to them."""

import json
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Router, Status
from pydantic import BaseModel, ConfigDict, Field

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.answers import rfc3339
from promint.api.management import cursors
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key, secret_once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.management.paging import Collection, CursorCollection, CursorPage, OffsetPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import BODY, errors
from promint.core.events import deliveries, endpoints
from promint.core.models import Delivery, Webhook
from promint.core.rules import Event, ids, limits

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Webhooks"])

Events = Annotated[
    list[str],
    Field(json_schema_extra={"minItems": 1, "items": {"type": "string", "enum": list(Event)}}),
]


class NewWebhook(Shape):
    url: str = json_schema.uri(limits.WEBHOOK_URL_CHARACTERS)
    events: Events


class WebhookChanges(Shape):
    """A field that is not sent is not changed; the defaults below are never used.

    `status`: a paused endpoint is told what it missed once it is active again. A disabled endpoint
    that is made active again is told only of what happens from then on.
    """

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    url: str = json_schema.uri(limits.WEBHOOK_URL_CHARACTERS, default_factory=str)
    events: Events = Field(default_factory=list)
    status: Literal["active", "paused"] = Field(default_factory=lambda: "active")


class WebhookJson(BaseModel):
    """`disabled`: the receiver has answered 410."""

    id: str
    url: str
    events: list[str]
    status: Literal["active", "paused", "disabled"]
    created_at: Time


class NewWebhookJson(WebhookJson):
    """`secret` is shown only in this answer. Deliveries are signed with it."""

    secret: str


class AnswerJson(BaseModel):
    """`body` is the beginning of the answer's body."""

    status: int
    body: str


class DeliveryJson(BaseModel):
    """`body` is what is sent. `error` says why the last try failed."""

    id: str
    webhook: str
    event: str
    event_id: str
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    body: dict[str, Any]
    answer: AnswerJson | None
    error: str | None
    created_at: Time
    next_attempt_at: Time | None
    finished_at: Time | None


class DeliveryPage(CursorPage):
    """Empty: any."""

    status: Literal["", "pending", "delivered", "failed"] = ""


def _webhook_json(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.public_id,
        "url": webhook.url,
        "events": webhook.events,
        "status": webhook.status,
        "created_at": rfc3339(webhook.created_at),
    }


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    answered = {"status": delivery.answer_status, "body": delivery.answer}
    waits = delivery.status == "pending"
    return {
        "id": delivery.public_id,
        "webhook": ids.public(Webhook.PREFIX, delivery.webhook_id),
        "event": delivery.event,
        "event_id": delivery.event_id,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "body": json.loads(delivery.body),
        "answer": None if delivery.answer_status is None else answered,
        "error": delivery.error,
        "created_at": rfc3339(delivery.created_at),
        "next_attempt_at": rfc3339(delivery.due_at) if waits else None,
        "finished_at": delivery.finished_at and rfc3339(delivery.finished_at),
    }


@router.post("", response={201: NewWebhookJson}, openapi_extra=errors(*BODY))
@secret_once_per_key
def create_webhook(request: ApiRequest, new: Annotated[NewWebhook, JsonBody(...)]) -> Status[Any]:
    """The answer is the only one that shows the secret."""
    webhook, secret = endpoints.create(new.url, new.events, request.auth.actor)
    return Status(201, {**_webhook_json(webhook), "secret": secret})


@router.get("", response=Collection[WebhookJson], openapi_extra=errors("invalid_request"))
def list_webhooks(request: ApiRequest, page: Parameters[OffsetPage]) -> dict[str, Any]:
    """The endpoints, the oldest first."""
    return page.answer(endpoints.existing(), lambda found: [_webhook_json(one) for one in found])


@router.get("/{id}", response=WebhookJson, openapi_extra=errors("not_found"))
def read_webhook(request: ApiRequest, id: str) -> dict[str, Any]:
    return _webhook_json(endpoints.find(id))


@router.patch("/{id}", response=WebhookJson, openapi_extra=errors(*BODY, "not_found"))
def change_webhook(
    request: ApiRequest, id: str, changes: Annotated[WebhookChanges, JsonBody(...)]
) -> dict[str, Any]:
    sent = changes.model_dump(exclude_unset=True)
    return _webhook_json(endpoints.change(id, sent, request.auth.actor))


@router.delete("/{id}", response={204: None}, openapi_extra=errors("not_found", "outcome_unknown"))
def delete_webhook(request: ApiRequest, id: str) -> HttpResponse:
    """Nothing more is sent to the endpoint, and its deliveries are deleted."""
    endpoints.delete(id, request.auth.actor)
    return HttpResponse(status=204)


@router.post(
    "/{id}/secret", response={201: NewWebhookJson}, openapi_extra=errors(*BODY, "not_found")
)
@secret_once_per_key
def replace_secret(request: ApiRequest, id: str) -> Status[Any]:
    """Replace the secret. The answer is the only one that shows the new one. For a day, deliveries
    are signed with the old one, too."""
    webhook, secret = endpoints.replace_secret(id, request.auth.actor)
    return Status(201, {**_webhook_json(webhook), "secret": secret})


@router.post("/{id}/test", response={202: DeliveryJson}, openapi_extra=errors(*BODY, "not_found"))
@once_per_key
def test_webhook(request: ApiRequest, id: str) -> Status[Any]:
    """Send a `webhook.test` event, also to an endpoint that is paused or disabled."""
    return Status(202, _delivery_json(endpoints.send_test(id, request.auth.actor)))


@router.get(
    "/{id}/deliveries",
    response=CursorCollection[DeliveryJson],
    openapi_extra=errors("not_found", "invalid_request"),
)
def list_deliveries(request: ApiRequest, id: str, page: Parameters[DeliveryPage]) -> dict[str, Any]:
    """The deliveries to an endpoint, newest first. They are kept for 7 days."""
    webhook = endpoints.find(id)
    collection = f"deliveries of {id} {page.status}"
    before = int(cursors.read(page.cursor, collection)[0]) if page.cursor else None
    found = list(deliveries.of_webhook(webhook, before, page.status)[: page.limit + 1])
    return page.answer(found, _delivery_json, lambda last: cursors.write(collection, str(last.id)))


@router.post(
    "/{id}/deliveries/{delivery}/resend",
    response={202: DeliveryJson},
    openapi_extra=errors(*BODY, "not_found"),
)
@once_per_key
def resend_delivery(request: ApiRequest, id: str, delivery: str) -> Status[Any]:
    """Send a delivery again. One that waits is tried at once; one that is done is queued again
    with the same `event_id`."""
    return Status(202, _delivery_json(deliveries.resend(id, delivery, request.auth.actor)))
