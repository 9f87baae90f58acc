"""Checks that an event came from Promint, and reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class NotGenuine(Exception):
    """Not signed with this secret, changed on the way, or older or newer than five minutes."""


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is the same each time an event is delivered: ignore those that you have seen."""

    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]


def verify(secret: str, body: bytes, headers: Mapping[str, str]) -> Event:
    """`body`: the bytes as they were received. Raises NotGenuine."""
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        sent = Webhook(secret).verify(body, lower)
    except WebhookVerificationError as error:
        raise NotGenuine(str(error)) from None
    timestamp = datetime.fromisoformat(sent["timestamp"])
    return Event(lower["webhook-id"], sent["type"], timestamp, sent["data"])
