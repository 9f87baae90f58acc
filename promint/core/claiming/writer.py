"""The thread of a process that writes claims. Everything that waits is committed together.

An attempt that arrives during a commit waits for the next one; an attempt that is alone is
committed at once. There is no timer. Replies are given after the commit, never before.

An attempt whose list another process keeps locked for long, perhaps because it is frozen, is put
aside until the list is free, so that claims of other lists go on.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from django.db import IntegrityError, connection

from promint.core import failpoints, measures
from promint.core.claiming import callers, held_up
from promint.core.claiming.claims import AnswerWriter, Attempt, Reply, claim_many
from promint.core.claiming.throttle import Throttle
from promint.core.rules import Verdict
from promint.core.storage import Busy, HeldUp, OutcomeUnknown, database_now, said, wait_for_locks

MOST_TOGETHER = 256  # attempts in one transaction
MOST_WAITING = 1_024  # attempts, which take about a second; further ones are told to come back
FULL_FOR = 1.0  # seconds after a refusal in which the queue counts as full
FAILS_FOR = 2.0  # seconds after a failure in which writing counts as failing
LOCK_TIMEOUT = "300ms"  # of PostgreSQL, after which a group is put aside
PATIENCE = 5.0  # seconds from its arrival in which an attempt may be put aside
ASIDE_LOOKED_AT = 0.05  # seconds between looks at what is aside
TALLY_WRITTEN_EVERY = timedelta(seconds=5)

log = logging.getLogger(__name__)


class Failure(Enum):
    """What an attempt gets if there is no reply."""

    BUSY = "busy"  # nothing happened
    OUTCOME_UNKNOWN = "outcome_unknown"  # the connection was lost while committing
    FAULT = "fault"  # nothing happened; a defect, which is logged


Outcome = Reply | Failure


class Waiting(NamedTuple):
    attempt: Attempt
    ticket: Any  # the caller's
    until: float  # how long it may be put aside; monotonic


_STOP = Waiting(Attempt("", "", ""), None, 0.0)


class ClaimWriter:
    """`settle` is called in the writer's thread with the callers' tickets and the outcome for
    each."""

    def __init__(
        self, write_answer: AnswerWriter, settle: Callable[[list[tuple[Any, Outcome]]], None]
    ) -> None:
        self._write_answer = write_answer
        self._settle = settle
        self._queue: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        self._aside: list[Waiting] = []
        self._tally: list[tuple[str, bool]] = []
        self._tally_due = 0.0
        self._full_until = self._fails_until = 0.0  # monotonic
        self._failure = ""
        self._throttle = Throttle()
        self._thread = threading.Thread(target=self._run, name="claim-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, attempt: Attempt, ticket: Any) -> bool:
        """Queue the attempt without waiting. False if the queue is full. To be called in one
        thread."""
        if self._queue.qsize() >= MOST_WAITING:
            self._full_until = time.monotonic() + FULL_FOR
            measures.judged([(attempt.validate_only, Failure.BUSY.value)])
            return False
        self._queue.put(Waiting(attempt, ticket, time.monotonic() + PATIENCE))
        return True

    @property
    def waiting(self) -> int:
        return self._queue.qsize() + len(self._aside)

    def has_little_room(self) -> bool:
        """The queue is half full, or was full a moment ago: in an overload it is filled and emptied
        many times a second."""
        return self.waiting * 2 >= MOST_WAITING or time.monotonic() < self._full_until

    def trouble(self) -> str:
        """Why claims should go to another process now; empty if they can be written here."""
        if time.monotonic() < self._fails_until:
            return f"Claims cannot be written: {self._failure}."
        return "Many claims wait already." if self.has_little_room() else ""

    def stop(self, timeout: float) -> None:
        """Settle what is queued, then end the thread. `timeout`: seconds."""
        self._queue.put(_STOP)
        self._thread.join(timeout)

    def _run(self) -> None:
        wait_for_locks(LOCK_TIMEOUT)
        stopping = False
        while not (stopping and not self._aside):
            group = self._next_group()
            stopping = stopping or _STOP in group
            self._write_free([waiting for waiting in group if waiting is not _STOP])
            self._write_tally(now=stopping)
        connection.close()

    def _next_group(self) -> list[Waiting]:
        group: list[Waiting] = []
        try:
            longest = ASIDE_LOOKED_AT if self._aside else TALLY_WRITTEN_EVERY.total_seconds()
            group.append(self._queue.get(timeout=longest))
            while len(group) < MOST_TOGETHER:
                group.append(self._queue.get_nowait())
        except queue.Empty:
            pass  # everything that waited is in the group
        return group

    def _write_free(self, group: list[Waiting]) -> None:
        """Write the group and what was put aside, except for attempts whose list is locked now."""
        if not self._aside:
            self._write(group)
            return
        waiting, self._aside = self._aside + group, []
        held = held_up.held([one.attempt.code for one in waiting])
        self._put_aside([one for one in waiting if one.attempt.code in held])
        free = [one for one in waiting if one.attempt.code not in held]
        for start in range(0, len(free), MOST_TOGETHER):
            self._write(free[start : start + MOST_TOGETHER], again=True)

    def _put_aside(self, group: Sequence[Waiting]) -> None:
        """Those that have waited too long, or for whom there is no room, are told to come back."""
        now, room = time.monotonic(), MOST_WAITING - len(self._aside)
        patient = [one for one in group if now < one.until][:room]
        self._aside += patient
        kept = {id(one) for one in patient}
        self._fail([one for one in group if id(one) not in kept], Failure.BUSY)

    def _write(
        self, group: Sequence[Waiting], collisions_left: int = 2, again: bool = False
    ) -> None:
        """`again`: it was put aside before, and its lists were free a moment ago."""
        if not group:
            return
        began = time.perf_counter()
        try:
            replies = claim_many(
                [waiting.attempt for waiting in group],
                self._write_answer,
                throttled=self._throttle.full(datetime.now(UTC)),
            )
        except HeldUp:
            self._put_aside_or_halve(group, again)
        except Busy as busy:
            self._note_failure(said(busy))
            self._fail(group, Failure.BUSY)
        except OutcomeUnknown:
            log.error("The connection was lost while committing %d attempts.", len(group))
            self._fail(group, Failure.OUTCOME_UNKNOWN)
        except IntegrityError:
            self._write_after_collision(group, collisions_left)
        except Exception:
            self._halve(group)
        else:
            self._fails_until = 0.0
            failpoints.reach("claims.after_commit")
            measures.group(len(group), time.perf_counter() - began)
            self._note(group, replies)
            self._settle([(w.ticket, reply) for w, reply in zip(group, replies, strict=True)])

    def _write_after_collision(self, group: Sequence[Waiting], collisions_left: int) -> None:
        """Another process was faster with a code or a key. What it wrote is read in the next
        try."""
        if collisions_left:
            self._write(group, collisions_left - 1)
        elif len(group) > 1:
            self._halve(group)
        else:
            request_id = group[0].attempt.request_id
            log.exception("The attempt of %s collides again and again.", request_id)
            self._fail(group, Failure.BUSY)

    def _put_aside_or_halve(self, group: Sequence[Waiting], again: bool) -> None:
        if again and len(group) > 1:  # what holds it up is not a list, but perhaps a customer
            self._halve(group, again)
        else:
            self._put_aside(group)

    def _halve(self, group: Sequence[Waiting], again: bool = False) -> None:
        """One attempt makes the group fail. Try each half of it, so that the other attempts
        succeed."""
        if len(group) == 1:
            log.exception("The attempt of %s could not be judged.", group[0].attempt.request_id)
            self._fail(group, Failure.FAULT)
            return
        middle = len(group) // 2
        self._write(group[:middle], again=again)
        self._write(group[middle:], again=again)

    def _note_failure(self, why: str) -> None:
        if time.monotonic() >= self._fails_until:
            log.warning("Claims cannot be written, and are told to come back: %s.", why)
        self._failure, self._fails_until = why, time.monotonic() + FAILS_FOR

    def _fail(self, group: Sequence[Waiting], failure: Failure) -> None:
        if group:
            measures.judged((one.attempt.validate_only, failure.value) for one in group)
            self._settle([(one.ticket, failure) for one in group])

    def _note(self, group: Sequence[Waiting], replies: Sequence[Reply]) -> None:
        measures.judged(
            (one.attempt.validate_only, reply.result.verdict if reply.result else "replayed")
            for one, reply in zip(group, replies, strict=True)
        )
        for (attempt, _, _), reply in zip(group, replies, strict=True):
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
