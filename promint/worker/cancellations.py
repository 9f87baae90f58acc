"""Cancellations in bulk, and their undo, worked on in turns, like generated codes."""

import time

from promint.accounts import confirmations
from promint.core import failpoints
from promint.core.codes import cancellations, cancelling, undoing
from promint.core.models import Cancellation
from promint.core.storage import jobs, vendor
from promint.worker.step import step

TURN = 0.5  # seconds of work on one before others follow
ASKED_EVERY = 5.0  # seconds


class Cancellations:
    def __init__(self) -> None:
        self._asked_at = float("-inf")

    def turn(self) -> bool:
        """Mail those who may confirm one that waits, and work for a while on the one that has
        waited longest. False if there is none."""
        if time.monotonic() >= self._asked_at + ASKED_EVERY:
            confirmations.ask_managers()
            self._asked_at = time.monotonic()
        job = jobs.take(cancellations.waiting().select_related("list", "batch"))
        if job is None:
            return False
        with step(job, cancellations.fail):
            _work(job)
        return True


def _work(job: Cancellation) -> None:
    """Raises LostLease, Busy or OutcomeUnknown."""
    ends = time.monotonic() + TURN
    while job.status == "pending" and time.monotonic() < ends:
        job = cancelling.step(job) if job.undo_asked_at is None else undoing.step(job)
        failpoints.reach("cancellations.after_step")
        time.sleep(vendor().pause)
    if job.status == "pending":
        jobs.put_back(job)
