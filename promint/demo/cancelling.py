"""Batches of the demo that were cancelled: one was stolen, one was taken for another."""

import time
from datetime import datetime, timedelta

from promint.core.codes import cancellations
from promint.core.models import Cancellation, CancelledCode, Code
from promint.demo.past import Past
from promint.demo.people import ADMIN, MANAGER
from promint.demo.stock import Shelf
from promint.worker.cancellations import Cancellations

STOLEN = "Moving house mailer"
IN_ERROR = "Delivery bag inserts"
WORKED = timedelta(seconds=2)


def cancel(past: Past, shelves: list[Shelf]) -> None:
    by_name = {shelf.campaign.name: shelf for shelf in shelves}
    stolen = by_name[STOLEN].batches[-1].public_id
    _cancel(
        stolen, "A sack of letters was stolen from the depot", MANAGER, past.day(-1, 8, 41), past
    )
    printed = by_name[IN_ERROR].batches[0].public_id
    at = past.day(-6, 16, 12)
    made = _cancel(
        printed, "The printer says that the bags are at the wrong shop", MANAGER, at, past
    )
    _undo(made, at + timedelta(minutes=38), past)


def _cancel(batch_id: str, reason: str, actor: str, at: datetime, past: Past) -> Cancellation:
    asked = cancellations.request(reason, actor, batch_id=batch_id)
    _work_off(asked)
    past.move(asked, at, stepped_at=at, finished_at=at + WORKED)
    cancelled = CancelledCode.objects.filter(cancellation=asked.id)
    Code.objects.filter(value__in=cancelled.values("code")).update(cancelled_at=at)
    cancelled.update(cancelled_at=at)
    return asked


def _undo(made: Cancellation, at: datetime, past: Past) -> None:
    cancellations.undo(made.public_id, ADMIN)
    _work_off(made)
    Cancellation.objects.filter(id=made.id).update(undo_asked_at=at, undone_at=at + WORKED)
    CancelledCode.objects.filter(cancellation=made.id).update(undone_at=at)
    past.move_entries(made.public_id, at)


def _work_off(asked: Cancellation) -> None:
    """Do what a worker does. A worker that runs already may help."""
    worker = Cancellations()
    while cancellations.find(asked.public_id).status == "pending":
        if not worker.turn():
            time.sleep(0.02)
