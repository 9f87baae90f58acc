"""The webhook endpoint of the shop's own system. It is paused, because nobody receives its
events."""

from datetime import timedelta

from promint.core.events import endpoints
from promint.core.models import Delivery
from promint.core.rules import Event, limits
from promint.core.storage import durable
from promint.demo.past import Past
from promint.demo.people import ADMIN

ADDRESS = "https://shop.example/promint-events"
TOLD = [Event.BATCH_ACTIVE, Event.BATCH_FAILED, Event.LIST_CAP_NEAR, Event.LIST_CHANGED]


def connect(past: Past) -> None:
    """Everything that happens from here on is queued for it."""
    made, _ = endpoints.create(ADDRESS, [event.value for event in TOLD], ADMIN)
    endpoints.change(made.public_id, {"status": "paused"}, ADMIN)
    past.move(made, past.day(-40, 9, 12))


@durable
def answer(past: Past) -> None:
    """Deliveries look as if the endpoint had answered all but the last one. Older ones are
    deleted, as always."""
    Delivery.objects.filter(created_at__lt=past.now - limits.DELIVERIES_KEPT).delete()
    told = list(Delivery.objects.order_by("id"))
    for days, delivery in enumerate(told, start=-len(told)):
        if delivery.created_at > past.now:  # of an edit that the demo moved into the past
            delivery.created_at = past.day(days, 11, 20)
        delivery.status, delivery.attempts = "delivered", 1
        delivery.answer_status, delivery.answer = 204, ""
        delivery.finished_at = delivery.created_at + timedelta(seconds=0.4)
    if told:
        last = told[-1]
        last.status, last.answer_status, last.answer = "failed", 503, "Down for maintenance"
        last.error = "The receiver answered 503."
    fields = ["created_at", "status", "attempts", "answer_status", "answer", "finished_at", "error"]
    Delivery.objects.bulk_update(told, fields)
