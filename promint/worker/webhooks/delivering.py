"""Webhooks as a chore of the worker. A thread beside the loop takes what is due and notes the
results, so that neither waits for the other."""

import logging
import queue
import threading
import time
from collections import Counter
from concurrent.futures import Future

from django.conf import settings
from django.db import connection

from promint.core.events import deliveries
from promint.core.storage import Busy, OutcomeUnknown
from promint.worker import reasons
from promint.worker.webhooks.sending import Sender

MOST = 200  # runs at a time
AT_ONCE = 4  # runs of one endpoint at a time, so that a slow one takes no more
IDLE = 0.25  # seconds between looks if there is nothing to do
AFTER_TROUBLE = 2.0  # seconds
STOP_SECONDS = 4.0  # seconds for runs that are being sent

log = logging.getLogger(__name__)


class Dispatcher:
    """Takes runs, has them sent, and notes the results. Used by one thread only."""

    def __init__(self) -> None:
        self._sender = Sender(settings.WEBHOOK_ALLOW)
        self._under_way: dict[int, deliveries.Run] = {}  # by the first delivery of each
        self._done: queue.SimpleQueue[tuple[deliveries.Run, Future[list[deliveries.Tried]]]] = (
            queue.SimpleQueue()
        )

    def round(self) -> bool:
        """Do what is due. Returns whether there was anything to do."""
        settled = self._settle_done()
        room = MOST - len(self._under_way)
        runs = deliveries.take(room, AT_ONCE, self._by_endpoint()) if room else []
        for run in runs:
            self._begin(run)
        return settled or bool(runs)

    def _by_endpoint(self) -> dict[int, int]:
        return Counter(run.webhook.id for run in self._under_way.values())

    def _begin(self, run: deliveries.Run) -> None:
        self._under_way[run.first.id] = run
        self._sender.send(run).add_done_callback(lambda sent: self._done.put((run, sent)))

    def wait(self, seconds: float) -> None:
        """Wait until a run has ended, or for `seconds`."""
        try:
            ended = self._done.get(timeout=seconds)
        except queue.Empty:
            return
        self._done.put(ended)

    def _settle_done(self) -> bool:
        settled = False
        while not self._done.empty():
            run, sent = self._done.get()
            try:
                self._settle(run, sent)
            except (Busy, OutcomeUnknown):
                self._done.put((run, sent))  # noted in the next round
                raise
            except Exception:
                del self._under_way[run.first.id]  # its lease expires, and it is sent again
                raise
            del self._under_way[run.first.id]
            settled = True
        return settled

    def _settle(self, run: deliveries.Run, sent: Future[list[deliveries.Tried]]) -> None:
        if (trouble := sent.exception()) is None:
            deliveries.settle(run, sent.result())
            return
        log.error("A run of %s failed.", run.webhook.public_id, exc_info=trouble)
        why = reasons.of_job(trouble)
        deliveries.settle(run, [deliveries.Tried(run.first, error=why)])

    @property
    def is_idle(self) -> bool:
        return not self._under_way

    def stop(self) -> None:
        """Note what arrives soon, and let other workers take the rest."""
        self._sender.finish_soon()
        ends = time.monotonic() + STOP_SECONDS
        while self._under_way and (left := ends - time.monotonic()) > 0:
            self.wait(left)
            self._settle_done()
        for run in self._under_way.values():
            deliveries.put_back(run)
        self._sender.close()


class Webhooks:
    """The chore. Its turns only make sure that the thread runs."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def turn(self) -> bool:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
            self._thread.start()
        return False

    def _run(self) -> None:
        dispatcher = Dispatcher()
        try:
            while not self._stop.is_set():
                dispatcher.wait(_worked(dispatcher))
            dispatcher.stop()
        finally:
            connection.close()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS + 1)


def _worked(dispatcher: Dispatcher) -> float:
    """Do one round. Returns how many seconds to wait for the next."""
    try:
        return 0.0 if dispatcher.round() else IDLE
    except Busy:
        log.warning("The database is busy; webhooks wait.")
    except Exception:
        log.exception("A round of webhooks failed.")
    connection.close()
    time.sleep(AFTER_TROUBLE)
    return 0.0
