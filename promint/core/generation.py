"""Making the codes of a batch: random, sorted, loaded chunk by chunk, each in its own transaction.

The unique index is the check: what collides is dropped and made anew, so a batch holds exactly as
many codes as asked. Killed anywhere, another worker makes what is missing.
"""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from django.db import connection

from promint.core import batches, failpoints, jobs, lists
from promint.core.code_loading import CHUNK, PAUSE, load
from promint.core.codewords import random_codes
from promint.core.models import Batch
from promint.core.transactions import Busy, OutcomeUnknown, durable

log = logging.getLogger(__name__)

TURN = 0.5  # seconds of work on one batch before others get a turn
RUN = 1_000_000  # codes made and sorted together
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
        ends = time.monotonic() + TURN
        while batch.created < batch.quantity and time.monotonic() < ends:
            batch.created = store(batch, self._chunk(batch))
            failpoints.reach("generation.after_chunk")
            time.sleep(PAUSE[connection.vendor])
        if batch.created < batch.quantity:
            jobs.put_back(batch)
        else:
            self._runs.pop(batch.id, None)

    def _chunk(self, batch: Batch) -> list[str]:
        """Some sorted codes, each once; candidates until they are stored."""
        missing = batch.quantity - batch.created
        most = min(missing, CHUNK[connection.vendor])
        while not (chunk := list(islice(self._runs.get(batch.id, iter(())), most))):
            while len(self._runs) >= RUNS_KEPT:
                self._runs.pop(next(iter(self._runs)))
            self._runs[batch.id] = _sorted_run(batch, min(RUN, missing))
        return list(dict.fromkeys(chunk))


def _sorted_run(batch: Batch, count: int) -> Iterator[str]:
    """Sorted, codes touch the pages of the index in order instead of at random."""
    codes = random_codes(count, batch.list.code_length, batch.list.code_prefix)
    codes.sort()
    return iter(codes)


@durable
def store(batch: Batch, values: list[str]) -> int:
    """Load sorted canonical codes, leaving out those that exist; how many the batch has then.

    Raises LostLease when another worker has the batch.
    """
    if batch.created + len(values) >= batch.quantity:
        lists.lock_counter(batch.list_id)  # before the batch's row, as everywhere
    created = batch.created + len(values) - len(load(batch, values))
    failpoints.reach("generation.in_chunk")
    jobs.write(batch, created=created)
    if created == batch.quantity:
        batches.activate(batch)
    return created
