"""Claims codes. `claim_many` is the only way in which a claim is made."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from promint.core import audit, events, failpoints
from promint.core.claiming import as_json, guessing, kept_answers, refused_attempts
from promint.core.claiming.callers import end_of_hour
from promint.core.claiming.issuing import NewClaim, issue
from promint.core.claiming.kept_answers import Answer, Kept
from promint.core.claiming.snapshot import ClaimSnapshot, LockedCode
from promint.core.rules import Event, Verdict, canonical, ids, judge
from promint.core.storage import confirm_what_was_read, durable, sent_together


class Attempt(NamedTuple):
    """One try of a customer to claim a code. Code and customer are as sent. `caller` is the API
    key ("key_…") or the member of staff."""

    code: str
    customer: str
    caller: str
    validate_only: bool = False  # judge it and count guesses, but claim nothing
    idempotency_key: str | None = None
    request_id: str = ""  # quoted in the answer
    language: str = "en"  # of the sentence for the customer
    entered_by: str | None = None  # the member of staff who claims for the customer, as an actor

    @property
    def key(self) -> tuple[str, str] | None:
        key = self.idempotency_key
        return None if key is None else (key, self.caller)


class Result(NamedTuple):
    attempt: Attempt
    verdict: Verdict
    now: datetime
    code: LockedCode | None = None
    claim: NewClaim | None = None  # if the code was claimed
    earlier_claim_id: str | None = None  # if this customer has claimed the code before
    locked_until: datetime | None = None
    throttled: bool = False  # refused for what its caller sent, not its customer


class Reply(NamedTuple):
    result: Result | None  # None: the answer was kept from before
    answer: Answer | None

    @property
    def replayed(self) -> bool:
        return self.result is None


AnswerWriter = Callable[[Result], Answer]


@durable
def claim_many(
    attempts: Sequence[Attempt],
    write_answer: AnswerWriter | None = None,
    clock: Callable[[], datetime] | None = None,
    throttled: frozenset[str] = frozenset(),
) -> list[Reply]:
    """Judge the attempts in order and write what they issue, in one transaction.

    Replies are in the order of the attempts. `write_answer` makes the answer that is kept with an
    idempotency key; without it there is none. `clock`: another than the database's. Unknown codes
    of `throttled` callers are refused and not counted for their customers. Raises Busy,
    OutcomeUnknown, or IntegrityError if another process was faster with the same codes or keys:
    then nothing happened.
    """
    group = _Group(attempts, write_answer, clock, throttled)
    replies = [group.reply(attempt) for attempt in attempts]
    group.write()
    failpoints.reach("claims.before_commit")
    return replies


class _Group:
    """Attempts that are judged together. Each takes into account what the attempts before it
    did."""

    def __init__(
        self,
        attempts: Sequence[Attempt],
        write_answer: AnswerWriter | None,
        clock: Callable[[], datetime] | None,
        throttled: frozenset[str],
    ) -> None:
        self._write_answer = write_answer
        self._throttled = throttled
        self._values = {a.code: canonical(a.code) for a in attempts}
        self._kept = kept_answers.find({a.key for a in attempts if a.key is not None})
        unanswered = [a for a in attempts if a.key not in self._kept]
        self._snapshot = ClaimSnapshot(
            {(self._values[a.code], a.customer) for a in unanswered},
            clock,
            uncounted={a.customer for a in unanswered if a.caller in throttled}
            - {a.customer for a in unanswered if a.caller not in throttled},
        )
        self._claims: list[NewClaim] = []
        self._shown: list[str] = []  # the codes of the claims as people read them
        self._entered: list[tuple[str, NewClaim]] = []
        self._refused: list[refused_attempts.Tried] = []
        self._to_keep: dict[tuple[str, str], Kept] = {}
        self._replays = False

    def reply(self, attempt: Attempt) -> Reply:
        if attempt.key is None or (kept := self._kept.get(attempt.key)) is None:
            return self._answered(self._judge(attempt))
        if kept.fingerprint == _fingerprint(attempt):
            self._replays = True
            return Reply(None, kept.answer)
        reused = Result(attempt, Verdict.IDEMPOTENCY_KEY_REUSED, self._snapshot.now)
        return self._answered(reused, keep=False)

    def _judge(self, attempt: Attempt) -> Result:
        now, customer = self._snapshot.now, attempt.customer
        locked_until = self._snapshot.locked_until(customer)
        code = self._snapshot.code(self._values[attempt.code], customer)
        state = None if code is None else self._snapshot.case(code, customer)
        if code is None and locked_until is None and attempt.caller in self._throttled:
            return Result(
                attempt,
                Verdict.TOO_MANY_ATTEMPTS,
                now,
                locked_until=end_of_hour(now),
                throttled=True,
            )
        verdict = judge(locked_until is not None, state, now)
        if verdict is Verdict.CODE_NOT_FOUND:
            self._snapshot.count_unknown(customer)
        if code is None or locked_until is not None:
            return Result(attempt, verdict, now, locked_until=locked_until)
        if attempt.validate_only:
            return Result(attempt, verdict, now, code)
        if verdict is Verdict.CLAIMED:
            return Result(attempt, verdict, now, code, claim=self._claim(code, attempt))
        self._refused.append(refused_attempts.Tried(code.value, customer, verdict))
        earlier = self._snapshot.claim_id(code.value, customer)
        return Result(attempt, verdict, now, code, earlier_claim_id=earlier)

    def _claim(self, code: LockedCode, attempt: Attempt) -> NewClaim:
        claim = NewClaim(
            ids.new_claim_id(),
            code.value,
            attempt.customer,
            code.facts,
            self._snapshot.now,
            self._snapshot.round(code, attempt.customer),
            was_handed_out=code.recipient is not None,
        )
        self._snapshot.add(claim)
        self._claims.append(claim)
        self._shown.append(code.shown)
        if attempt.entered_by is not None:
            self._entered.append((attempt.entered_by, claim))
        return claim

    def _answered(self, result: Result, keep: bool = True) -> Reply:
        if self._write_answer is None:
            return Reply(result, None)
        answer = self._write_answer(result)
        attempt = result.attempt
        if keep and answer.kept and attempt.key is not None:
            kept = Kept(_fingerprint(attempt), answer, for_a_day=attempt.validate_only)
            self._kept[attempt.key] = self._to_keep[attempt.key] = kept
        return Reply(result, answer)

    def write(self) -> None:
        now = self._snapshot.now
        with sent_together():
            issue(self._claims)
            guessing.write(self._snapshot.guesses_made(), now)
            refused_attempts.record(self._refused, now)
            kept_answers.keep(self._to_keep, now)
            listening = events.ask_listening() if self._claims else None
        if listening is not None:
            self._tell(listening())
        for actor, claim in self._entered:
            after = {
                "claim": claim.id,
                "customer": claim.customer,
                "list": claim.facts.public_id,
            }
            audit.record(actor, "claim.made_for_customer", claim.code, after=after, at=now)
        if self._replays:
            confirm_what_was_read()

    def _tell(self, listening: events.Listening) -> None:
        """Queue the events. Endpoints are read while the lists are locked, so that an endpoint
        that exists before the commit misses no claim."""
        if not listening:
            return
        if listening.to(Event.CLAIM_CREATED):
            events.record_all(map(_created, self._claims, self._shown), listening)
        events.record_limits(self._snapshot.news(), self._snapshot.now, listening)


def _created(claim: NewClaim, shown: str) -> events.Fact:
    told = as_json.claim(claim.id, shown, claim.customer, claim.facts, claim.claimed_at)
    return events.Fact(Event.CLAIM_CREATED, claim.facts.id, told, claim.claimed_at)


def _fingerprint(attempt: Attempt) -> bytes:
    return kept_answers.fingerprint(attempt.code, attempt.customer, attempt.validate_only)
