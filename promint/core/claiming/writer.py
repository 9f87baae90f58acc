"""The thread of a process that writes claims. Everything that waits is committed together.

An attempt that arrives during a commit waits for the next one; an attempt that is alone is
committed at once. There is no timer. Replies are given after the commit, never before.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from django.db import IntegrityError, connection

from promint.core import failpoints, measures
from promint.core.claiming import callers
from promint.core.claiming.claims import AnswerWriter, Attempt, Reply, claim_many
from promint.core.claiming.throttle import Throttle
from promint.core.rules import Verdict
from promint.core.storage import Busy, OutcomeUnknown, database_now

MOST_TOGETHER = 256  # attempts in one transaction
MOST_WAITING = 8_192  # attempts; if there are more, callers are told to come back
TALLY_WRITTEN_EVERY = timedelta(seconds=5)

log = logging.getLogger(__name__)


class Failure(Enum):
    """What an attempt gets if there is no reply."""

    BUSY = "busy"  # nothing happened
    OUTCOME_UNKNOWN = "outcome_unknown"  # the connection was lost while committing
    FAULT = "fault"  # nothing happened; a defect, which is logged


Outcome = Reply | Failure
Waiting = tuple[Attempt, Any]  # the attempt and the caller's ticket for it
_STOP: Waiting = (Attempt("", "", ""), None)


class ClaimWriter:
    """`settle` is called in the writer's thread with the callers' tickets and the outcome for
    each."""

    def __init__(
        self, write_answer: AnswerWriter, settle: Callable[[list[tuple[Any, Outcome]]], None]
    ) -> None:
        self._write_answer = write_answer
        self._settle = settle
        self._queue: queue.Queue[Waiting] = queue.Queue(MOST_WAITING)
        self._tally: list[tuple[str, bool]] = []
        self._tally_due = 0.0
        self._throttle = Throttle()
        self._thread = threading.Thread(target=self._run, name="claim-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, attempt: Attempt, ticket: Any) -> bool:
        """Queue the attempt without waiting. False if the queue is full."""
        try:
            self._queue.put_nowait((attempt, ticket))
        except queue.Full:
            measures.judged([(attempt.validate_only, Failure.BUSY.value)])
            return False
        return True

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def is_half_full(self) -> bool:
        return self._queue.qsize() * 2 >= MOST_WAITING

    def stop(self, timeout: float) -> None:
        """Settle what is queued, then end the thread. `timeout`: seconds."""
        self._queue.put(_STOP)
        self._thread.join(timeout)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            group = self._next_group()
            stopping = _STOP in group
            self._write([waiting for waiting in group if waiting is not _STOP])
            self._write_tally(now=stopping)
        connection.close()

    def _next_group(self) -> list[Waiting]:
        group: list[Waiting] = []
        try:
            group.append(self._queue.get(timeout=TALLY_WRITTEN_EVERY.total_seconds()))
            while len(group) < MOST_TOGETHER:
                group.append(self._queue.get_nowait())
        except queue.Empty:
            pass  # everything that waited is in the group
        return group

    def _write(self, group: Sequence[Waiting], collisions_left: int = 2) -> None:
        if not group:
            return
        began = time.perf_counter()
        try:
            replies = claim_many(
                [attempt for attempt, _ in group],
                self._write_answer,
                throttled=self._throttle.full(datetime.now(UTC)),
            )
        except Busy:
            self._fail(group, Failure.BUSY)
        except OutcomeUnknown:
            log.error("The connection was lost while committing %d attempts.", len(group))
            self._fail(group, Failure.OUTCOME_UNKNOWN)
        except IntegrityError:
            # Another process was faster with a code or a key. What it wrote is read in the next
            # try.
            if collisions_left:
                self._write(group, collisions_left - 1)
            elif len(group) > 1:
                self._halve(group)
            else:
                log.exception("The attempt of %s collides again and again.", group[0][0].request_id)
                self._fail(group, Failure.BUSY)
        except Exception:
            self._halve(group)
        else:
            failpoints.reach("claims.after_commit")
            measures.group(len(group), time.perf_counter() - began)
            self._note(group, replies)
            self._settle([(t, r) for (_, t), r in zip(group, replies, strict=True)])

    def _halve(self, group: Sequence[Waiting]) -> None:
        """One attempt makes the group fail. Try each half of it, so that the other attempts
        succeed."""
        if len(group) == 1:
            log.exception("The attempt of %s could not be judged.", group[0][0].request_id)
            self._fail(group, Failure.FAULT)
            return
        middle = len(group) // 2
        self._write(group[:middle])
        self._write(group[middle:])

    def _fail(self, group: Sequence[Waiting], failure: Failure) -> None:
        measures.judged((attempt.validate_only, failure.value) for attempt, _ in group)
        self._settle([(ticket, failure) for _, ticket in group])

    def _note(self, group: Sequence[Waiting], replies: Sequence[Reply]) -> None:
        measures.judged(
            (attempt.validate_only, reply.result.verdict if reply.result else "replayed")
            for (attempt, _), reply in zip(group, replies, strict=True)
        )
        for (attempt, _), reply in zip(group, replies, strict=True):
            if reply.result is not None:
                unknown = reply.result.verdict is Verdict.CODE_NOT_FOUND or reply.result.throttled
                if unknown:
                    self._throttle.note(attempt.caller, datetime.now(UTC))
                self._tally.append((attempt.caller, unknown))

    def _write_tally(self, now: bool) -> None:
        """Write the counts of attempts. This is done outside the claims' transactions, because
        callers would have to wait for each other's rows. The counts are lost if the process is
        killed or the database is busy."""
        if not self._tally or not (now or time.monotonic() > self._tally_due):
            return
        self._tally_due = time.monotonic() + TALLY_WRITTEN_EVERY.total_seconds()
        tally, self._tally = self._tally, []
        try:
            callers.count(tally, now_there := database_now())
            self._throttle.learn(now_there)
        except Exception:
            log.warning("The tally of %d attempts was lost.", len(tally), exc_info=True)
