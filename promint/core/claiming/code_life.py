"""What happened to one code, for staff who answer a customer: made, exported, tried, claimed or
cancelled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from promint.core import audit
from promint.core.claiming import refused_attempts
from promint.core.codes import CodeState
from promint.core.models import CancelledCode, Claim, Export, Reversal
from promint.core.rules import BatchStatus, Verdict

EXPORTS_READ = 50  # the latest, of which those are shown that contain the code
EXPORTS_SHOWN = 10
ENTRIES_READ = 20  # of the audit log; most codes have one or two


class Event(StrEnum):
    MADE = "made"
    EXPORTED = "exported"
    HANDED_OUT = "handed_out"
    REFUSED = "refused"
    CLAIMED = "claimed"
    CANCELLED = "cancelled"
    MADE_AVAILABLE = "made_available"
    REVERSED = "reversed"


@dataclass(frozen=True)
class Step:
    event: Event
    at: datetime
    actor: str = ""  # staff or key, as in the audit log; empty for customers
    customer: str = ""
    detail: str = ""  # reason of a cancellation or reversal, format of an export
    verdict: Verdict | None = None
    available_again: bool = False  # after a reversal
    tries: int = 0  # refusals of this customer and those in the same slot


def steps_of(state: CodeState) -> list[Step]:
    """The steps, newest first. A multi use code has only that it was made; the rest is its
    list's."""
    steps = [
        *_made(state),
        *_exported(state),
        *_handed_out(state),
        *_refused(state),
        *_cancelled_with_others(state),
        *_ended(state),
    ]
    return sorted(steps, key=lambda step: step.at, reverse=True)


def _made(state: CodeState) -> Iterator[Step]:
    if state.batch is not None:
        yield Step(Event.MADE, state.batch.created_at, actor=state.batch.created_by)


def _exported(state: CodeState) -> list[Step]:
    """The exports that contain the code, of its batch, and of the list since the batch was active.
    Of a list that is printed in parts, each part counts as one."""
    batch = state.batch
    if batch is None or batch.finished_at is None:
        return []
    holding = Q(batch=batch) | Q(batch=None, created_at__gte=batch.finished_at)
    whole = Export.objects.filter(
        holding, list=state.facts.id, status=BatchStatus.ACTIVE, what="codes"
    )
    latest = list(whole.order_by("-created_at")[:EXPORTS_READ])
    turns = _turns(state) if any(one.only_status for one in latest) else []
    return [
        Step(Event.EXPORTED, one.created_at, actor=one.created_by, detail=one.format)
        for one in [one for one in latest if _is_in(state, turns, one)][:EXPORTS_SHOWN]
    ]


def _turns(state: CodeState) -> list[tuple[datetime, bool]]:
    """When the code was claimed (True) and made available again (False)."""
    claims = Claim.objects.filter(code=state.value).values_list("claimed_at", flat=True)
    back = Reversal.objects.filter(code=state.value, available_again=True)
    given_back = back.values_list("reversed_at", flat=True)
    return sorted([*((at, True) for at in claims), *((at, False) for at in given_back)])


def _is_in(state: CodeState, turns: list[tuple[datetime, bool]], export: Export) -> bool:
    """Whether the export contains the code of its batch or list."""
    handout, at = state.handout, export.created_at
    handed_out = handout is not None and handout.handed_out_at <= at
    return (
        (export.chosen is None or state.value in export.chosen)
        and export.only_handed_out in (None, handed_out)
        and export.only_status in (None, _status_at(state, turns, at))
    )


def _status_at(state: CodeState, turns: list[tuple[datetime, bool]], at: datetime) -> str:
    until_then = [is_claimed for turned_at, is_claimed in turns if turned_at <= at]
    if until_then and until_then[-1]:
        return "claimed"
    is_cancelled = state.cancelled_at is not None and state.cancelled_at <= at
    return "cancelled" if is_cancelled else "available"


def _handed_out(state: CodeState) -> Iterator[Step]:
    if (handout := state.handout) is None:
        return
    yield Step(
        Event.HANDED_OUT,
        handout.handed_out_at,
        actor=handout.actor,
        customer=handout.recipient,
        detail=handout.reason,
    )


def _refused(state: CodeState) -> Iterator[Step]:
    if not state.facts.single_use:
        return
    for one in refused_attempts.of_code(state.value):
        verdict = Verdict(one.verdict)
        yield Step(
            Event.REFUSED, one.refused_at, customer=one.customer, verdict=verdict, tries=one.tries
        )


def _cancelled_with_others(state: CodeState) -> Iterator[Step]:
    rows = CancelledCode.objects.filter(code=state.value, earlier=False)
    for one in rows.select_related("cancellation").defer("cancellation__named"):
        made = one.cancellation
        yield Step(Event.CANCELLED, one.cancelled_at, actor=made.created_by, detail=made.reason)
        if one.undone_at is not None and one.freed:
            yield Step(Event.MADE_AVAILABLE, one.undone_at, actor=made.undo_by)


def _ended(state: CodeState) -> Iterator[Step]:
    entries = list(audit.about(state.value)[:ENTRIES_READ])
    for entry in entries:
        if entry.action == "code.cancelled":
            reason = (entry.after or {}).get("reason", "")
            yield Step(Event.CANCELLED, entry.created_at, actor=entry.actor, detail=reason)
    if not state.facts.single_use:
        return
    made = {
        (e.after or {})["claim"]: e.actor for e in entries if e.action == "claim.made_for_customer"
    }
    for claim in Claim.objects.filter(code=state.value):
        yield Step(
            Event.CLAIMED, claim.claimed_at, actor=made.get(claim.id, ""), customer=claim.customer
        )
    for one in Reversal.objects.filter(code=state.value):
        yield Step(
            Event.REVERSED,
            one.reversed_at,
            actor=one.actor,
            customer=one.customer,
            detail=one.reason,
            available_again=one.available_again,
        )
