"""Webhooks: deliveries are taken from the outbox, signed and sent, and their results noted."""

from promint.worker.webhooks import connecting
from promint.worker.webhooks.delivering import Dispatcher, Webhooks

__all__ = ["Dispatcher", "Webhooks", "connecting"]
