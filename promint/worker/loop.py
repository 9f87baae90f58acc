"""The worker's loop. Every chore (a kind of background work) gets a turn again and again. The
loop sleeps only if no chore had work."""

import logging
import signal
import threading
import time
from typing import Protocol, runtime_checkable

from django.db import connection

from promint.accounts import mails
from promint.core import measures
from promint.core.events import alerts
from promint.core.storage import Busy
from promint.worker import sent_files
from promint.worker.cancellations import Cancellations
from promint.worker.exports import Exports
from promint.worker.forgetting import Forgetting
from promint.worker.generation import Generator
from promint.worker.mail import Mails, account, alert
from promint.worker.webhooks import Webhooks

IDLE = 0.25  # seconds to sleep if there is nothing to do
AFTER_TROUBLE = 2.0  # seconds

log = logging.getLogger(__name__)


class Chore(Protocol):
    def turn(self) -> bool:
        """Do one step of limited length. True if there was anything to do."""


@runtime_checkable
class GoesOnBetweenTurns(Protocol):
    """A chore that has work running beside the loop."""

    def stop(self) -> None:
        """Stop within seconds, so that another worker can continue at once."""


def chores() -> list[Chore]:
    return [
        Generator(),
        sent_files.of_codes(),
        sent_files.of_recipients(),
        Exports(),
        Cancellations(),
        Mails(alerts.waiting, alert.compose),
        Mails(mails.waiting, account.compose),
        Webhooks(),
        Forgetting(),
    ]


def run() -> None:
    """Run until SIGTERM or SIGINT. The present turn is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    all_chores = chores()
    measures.begins(chores=[type(chore).__name__ for chore in all_chores])
    while not stop.is_set():
        worked = [_turn(chore, stop) for chore in all_chores]
        if not any(worked):
            stop.wait(IDLE)
    for chore in all_chores:
        if isinstance(chore, GoesOnBetweenTurns):
            _stop(chore)
    connection.close()


def _stop(chore: GoesOnBetweenTurns) -> None:
    try:
        chore.stop()
    except Exception:  # the others must still stop; the lease will expire
        log.exception("%s did not stop well.", type(chore).__name__)


def _turn(chore: Chore, stop: threading.Event) -> bool:
    if stop.is_set():
        return False
    name = type(chore).__name__
    try:
        if worked := chore.turn():
            measures.turn(name, "worked")
        return worked
    except Busy:
        measures.turn(name, "busy")
        log.warning("The database is busy; %s waits.", name)
    except Exception:
        # The job's row still says what to do. When its lease expires, it is taken again.
        measures.turn(name, "failed")
        log.exception("A turn of %s failed.", name)
    connection.close()
    time.sleep(AFTER_TROUBLE)
    return False
