"""Webhooks: taken from the outbox, signed, sent, and noted."""

from promint.worker.webhooks import connecting
from promint.worker.webhooks.delivering import Dispatcher, Webhooks

__all__ = ["Dispatcher", "Webhooks", "connecting"]
