"""Generates codes: they are made in memory, sorted, and loaded by two connections at the same time.

If a worker is killed, another one makes what is missing. Codes that were made but not loaded can be
lost without harm.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from threading import Lock, Semaphore

from django.db import connection

from promint.core import failpoints
from promint.core.codes import batches, generation
from promint.core.models import Batch
from promint.core.rules import sorted_codes
from promint.core.storage import Busy, OutcomeUnknown, jobs, vendor
from promint.worker.step import step

TURN = 0.5  # seconds of work on one batch before others follow
LANES = 2  # threads that make a chunk and load it, each on a connection of its own
RUNS_KEPT = 4


class _Run:
    """Sorted codes for what is missing in a batch, given to one lane at a time. They are not
    stored yet, so it does not matter if they are lost or another worker makes others."""

    def __init__(self, batch: Batch) -> None:
        missing, promo_list = batch.quantity - batch.created, batch.list
        pieces = sorted_codes(missing, promo_list.code_length, promo_list.code_prefix)
        self._codes = chain.from_iterable(pieces)
        self._lock = Lock()
        self._ends, self._most = 0.0, 0
        self.is_used_up = False

    def begin_turn(self, most: int) -> None:
        """Allow at most `most` codes before other batches get a turn."""
        self._most, self._ends = most, time.monotonic() + TURN

    def chunk(self) -> list[str]:
        """The next codes to load; none if the turn is over."""
        with self._lock:
            if time.monotonic() > self._ends:
                return []
            found = self.take(min(self._most, vendor().chunk))
            self._most -= len(found)
            return found

    def take(self, count: int) -> list[str]:
        found = list(islice(self._codes, count))
        self.is_used_up = len(found) < count
        return found


class Generator:
    """Keeps the runs of the batches it works on between their turns."""

    def __init__(self) -> None:
        self._runs: dict[int, _Run] = {}

    def turn(self) -> bool:
        """Work for a while on the batch that has waited longest. False if there is none."""
        batch = jobs.take(batches.waiting("generated").select_related("list"))
        if batch is None:
            return False
        with step(batch, batches.fail):
            self._work(batch)
        return True

    def _work(self, batch: Batch) -> None:
        run = self._run(batch)
        run.begin_turn(batch.quantity - batch.created - 1)
        batch.created += _load_side_by_side(batch, run)
        missing = batch.quantity - batch.created
        failpoints.reach("generation.before_last")
        is_whole = missing <= 1 and generation.finish(batch, run.take(missing))
        if not is_whole:
            jobs.put_back(batch)
        if is_whole or run.is_used_up:
            del self._runs[batch.id]

    def _run(self, batch: Batch) -> _Run:
        if batch.id not in self._runs:
            while len(self._runs) >= RUNS_KEPT:
                self._runs.pop(next(iter(self._runs)))
            self._runs[batch.id] = _Run(batch)
        return self._runs[batch.id]


def _load_side_by_side(batch: Batch, run: _Run) -> int:
    """Store a turn's codes in chunks and return how many were new.

    While the database loads one chunk, the next is made, and PostgreSQL uses a core for each
    connection. Sorted codes are inserted into the index page by page instead of at random.
    """
    loading = Semaphore(vendor().loading)

    def lane() -> int:
        added = 0
        try:
            while chunk := run.chunk():
                with loading:
                    added += generation.store(batch, chunk)
                    failpoints.reach("generation.after_chunk")
                    time.sleep(vendor().pause)
        finally:
            connection.close()
        return added

    with ThreadPoolExecutor() as pool:
        lanes = [pool.submit(lane) for _ in range(LANES)]
    errors = [error for one in lanes if (error := one.exception()) is not None]
    if errors:
        raise min(errors, key=_is_expected)  # a defect in a lane comes before expected errors
    return sum(one.result() for one in lanes)


def _is_expected(error: BaseException) -> bool:
    return isinstance(error, jobs.LostLease | Busy | OutcomeUnknown)
