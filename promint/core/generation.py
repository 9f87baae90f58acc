"""Making the codes of a batch: random, sorted, loaded chunk by chunk, each in its own transaction.

The unique index is the check: what collides is dropped and made anew, so a batch holds exactly as
many codes as asked. Killed anywhere, another worker makes what is missing.
"""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain, islice
from threading import Lock, Semaphore

from django.db import connection
from django.db.models import F

from promint.core import batches, failpoints, jobs, lists
from promint.core.code_loading import CHUNK, PAUSE, load
from promint.core.codewords import sorted_codes
from promint.core.models import Batch
from promint.core.transactions import Busy, OutcomeUnknown, durable

log = logging.getLogger(__name__)

TURN = {"postgresql": 200_000, "sqlite": 100_000}  # codes of a batch before others get a turn
LANES = 2  # threads that make a chunk and load it, each on a connection of its own
LOADING = {"postgresql": 2, "sqlite": 1}  # of them at a time
RUNS_KEPT = 4


class Generator:
    """Keeps the sorted codes of the batches it works on between their turns. They are only
    candidates: losing them, or another worker making others, changes nothing."""

    def __init__(self) -> None:
        self._runs: dict[int, Iterator[str]] = {}

    def turn(self) -> bool:
        """Work a while on the batch that waited longest. False when there was none."""
        batch = jobs.take(batches.waiting("generated").select_related("list"))
        if batch is None:
            return False
        try:
            self._work(batch)
        except jobs.LostLease:
            log.warning("Batch %s went on elsewhere.", batch.public_id)
        except (Busy, OutcomeUnknown):
            jobs.put_back(batch, again_in=timedelta(seconds=1))
        except Exception as error:
            log.exception("Batch %s failed.", batch.public_id)
            # Not its message, which could quote a code.
            batches.fail(batch, f"An unexpected error stopped it: {type(error).__name__}.")
        return True

    def _work(self, batch: Batch) -> None:
        added = _load_side_by_side(batch, self._some(batch))
        batch.created += added
        if batch.created == batch.quantity:
            finish(batch)
        else:
            jobs.put_back(batch)
        if not added or batch.created == batch.quantity:
            self._runs.pop(batch.id, None)  # used up

    def _some(self, batch: Batch) -> Iterator[str]:
        """Codes of the batch's run for one turn, sorted, no more than are missing."""
        missing = batch.quantity - batch.created
        if batch.id not in self._runs:
            while len(self._runs) >= RUNS_KEPT:
                self._runs.pop(next(iter(self._runs)))
            promo_list = batch.list
            pieces = sorted_codes(missing, promo_list.code_length, promo_list.code_prefix)
            self._runs[batch.id] = chain.from_iterable(pieces)
        return islice(self._runs[batch.id], min(missing, TURN[connection.vendor]))


def _load_side_by_side(batch: Batch, values: Iterator[str]) -> int:
    """Store sorted codes chunk by chunk; how many were new.

    While the database loads a chunk, the next is made, and PostgreSQL works for each connection on
    a core of its own. Sorted, codes touch the index's pages in order instead of at random.
    """
    making, loading = Lock(), Semaphore(LOADING[connection.vendor])

    def lane() -> int:
        added = 0
        try:
            while chunk := _next_chunk(values, making):
                with loading:
                    added += store(batch, chunk)
                    failpoints.reach("generation.after_chunk")
                    time.sleep(PAUSE[connection.vendor])
        finally:
            connection.close()
        return added

    with ThreadPoolExecutor() as pool:
        lanes = [pool.submit(lane) for _ in range(LANES)]
        return sum(one.result() for one in lanes)


def _next_chunk(values: Iterator[str], making: Lock) -> list[str]:
    with making:
        return list(islice(values, CHUNK[connection.vendor]))


@durable
def store(batch: Batch, values: list[str]) -> int:
    """Load sorted canonical codes, leaving out those that exist; how many were new.

    Raises LostLease when another worker has the batch.
    """
    added = len(values) - len(load(batch, values))
    failpoints.reach("generation.in_chunk")
    jobs.write(batch, created=F("created") + added)
    return added


@durable
def finish(batch: Batch) -> None:
    """All codes are there. Raises LostLease when another worker has the batch."""
    lists.lock_counter(batch.list_id)  # before the batch's row, as everywhere
    batches.activate(batch)
