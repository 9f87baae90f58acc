"""A single code: what it is, what happened to it, and how it is cancelled."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F

from promint.core import audit, events, lists
from promint.core.codes import handed_out
from promint.core.codes.reversals import taking
from promint.core.lists import ListFacts, facts_of
from promint.core.models import Batch, CancelledCode, Claim, Code, Handout, ListCounter
from promint.core.rules import (
    REASON_CHARACTERS,
    BatchStatus,
    Event,
    Refusal,
    Refused,
    canonical,
    checks,
    invalid,
    not_found,
    rfc3339,
)
from promint.core.storage import database_now, durable


@dataclass(frozen=True)
class CodeState:
    """`claim`: the claim of a single use or 3rd party code. `counter`: for multi use, the list's
    counter with the cap."""

    value: str
    facts: ListFacts
    shown: str
    batch: Batch | None
    cancelled_at: datetime | None
    claim: Claim | None
    counter: ListCounter | None
    handout: Handout | None

    @property
    def status(self) -> str:
        if self.cancelled_at is not None:
            return "cancelled"
        return "claimed" if self.claim is not None else "available"

    @property
    def claim_count(self) -> int:
        return self.counter.claims if self.counter is not None else int(self.claim is not None)

    @property
    def entry_cap(self) -> int | None:
        return self.counter.entry_cap if self.counter is not None else 1


def find(typed: str) -> CodeState:
    """The code that somebody typed. Raises Refused if it does not exist."""
    value = canonical(typed)
    code = Code.objects.select_related("batch").filter(value=value or "").first()
    if code is None:
        raise not_found("code")
    return states([code])[0]


def exists(typed: str) -> bool:
    value = canonical(typed)
    return value is not None and Code.objects.filter(value=value).exists()


def existing(values: Iterable[str]) -> set[str]:
    """Which of these canonical codes exist."""
    return set(Code.objects.filter(value__in=values).values_list("value", flat=True))


def known(values: Iterable[str]) -> list[CodeState]:
    """The state of each of these canonical codes that exists."""
    return states(list(Code.objects.select_related("batch").filter(value__in=values)))


def states(codes: list[Code]) -> list[CodeState]:
    """The state of each code, read with a few queries. The codes must have been read with their
    batches."""
    facts = facts_of(code.list_id for code in codes)
    once = [code.value for code in codes if facts[code.list_id].single_use]
    claims = {claim.code_id: claim for claim in taking(Claim.objects.filter(code__in=once))}
    shared = [code.list_id for code in codes if not facts[code.list_id].single_use]
    counters = ListCounter.objects.in_bulk(shared)
    of_lists = {code.list_id for code in codes if facts[code.list_id].single_use}
    given = Handout.objects.filter(list__in=of_lists, code__in=once)
    handouts = {handout.code: handout for handout in given}
    return [
        CodeState(
            value=code.value,
            facts=facts[code.list_id],
            shown=facts[code.list_id].show(code.value, code.typed),
            batch=code.batch,
            cancelled_at=code.cancelled_at,
            claim=claims.get(code.value),
            counter=counters.get(code.list_id),
            handout=handouts.get(code.value),
        )
        for code in codes
    ]


def of_batch(batch: Batch, after: str, most: int) -> list[CodeState]:
    """The codes of a batch after `after`, in the order of their canonical form."""
    found = Code.objects.filter(batch=batch, value__gt=after).order_by("value")[:most]
    codes = list(found)
    for code in codes:
        code.batch = batch
    return states(codes)


@durable
def cancel(typed: str, reason: str, actor: str) -> CodeState:
    """Cancel a code, for instance a lost one. Cancelling it again changes nothing. Raises
    Refused."""
    reason = reason.strip()
    if problem := checks.paragraphs(reason, REASON_CHARACTERS):
        raise invalid({"reason": problem})
    state = find(typed)
    if not state.facts.single_use:
        raise Refused(
            Refusal.WRONG_LIST_TYPE,
            "A multi use code is shared by many customers."
            " Edit its list: end it, or lower its cap.",
        )
    lists.lock_counter(state.facts.id)
    state = find(typed)  # again: under the lock nobody can claim or cancel it
    if state.claim is not None:
        raise Refused(
            Refusal.CODE_ALREADY_CLAIMED,
            "A customer has claimed this code; it cannot be cancelled.",
        )
    if state.cancelled_at is None:
        _cancel(state, reason, actor)
    else:
        _keep_cancelled(state, reason, actor)
    return find(typed)


def _keep_cancelled(state: CodeState, reason: str, actor: str) -> None:
    """A code that was cancelled with others stays cancelled when they are made available again."""
    with_others = CancelledCode.objects.filter(code=state.value, undone_at=None, kept=False)
    if with_others.update(kept=True):
        _record(state, reason, actor, database_now())


def _cancel(state: CodeState, reason: str, actor: str) -> None:
    now = database_now()
    Code.objects.filter(value=state.value).update(cancelled_at=now)
    Batch.objects.filter(code=state.value).update(cancelled=F("cancelled") + 1)
    # Looked up after the change, because handing out does not wait for the list's counter.
    given = len(handed_out.were_handed_out(state.facts.id, [state.value]))
    if state.batch is not None and state.batch.status == BatchStatus.ACTIVE:
        ListCounter.objects.filter(list=state.facts.id).update(
            cancelled=F("cancelled") + 1, handed_out_gone=F("handed_out_gone") + given
        )
    _record(state, reason, actor, now)
    _tell(state, reason, given, now)


def _record(state: CodeState, reason: str, actor: str, at: datetime) -> None:
    after = {"list": state.facts.public_id, "reason": reason}
    audit.record(actor, "code.cancelled", state.value, after=after, at=at)


def _tell(state: CodeState, reason: str, given: int, now: datetime) -> None:
    told = {
        "code": state.shown,
        "list": state.facts.public_id,
        "batch": state.batch and state.batch.public_id,
        "cancelled_at": rfc3339(now),
        "reason": reason,
    }
    events.record(Event.CODE_CANCELLED, state.facts.id, told, now)
    counter = ListCounter.objects.get(list=state.facts.id)
    after = events.stock_of(counter, state.facts.type)
    if state.batch is not None and state.batch.status == BatchStatus.ACTIVE:
        before = replace(
            after,
            cancelled=after.cancelled - 1,
            handed_out_gone=after.handed_out_gone - given,
        )
        events.record_news(state.facts.id, before, after, now)
