"""Until when, and why not now, a code can be claimed that nobody has claimed or cancelled."""

from datetime import datetime

from promint.core.codes import CodeState
from promint.core.rules import BatchStatus, ListStatus
from promint.dashboard.lists import ListState


def end_of(code: CodeState, state: ListState) -> datetime:
    """When the code ends: with its list, or some days after it was handed out."""
    handed_out_at = code.handout.handed_out_at if code.handout else None
    return code.facts.handout.end(state.list.ends_at, handed_out_at)


def why_not(code: CodeState, state: ListState) -> str:
    """A sentence for staff; empty if the code can be claimed now."""
    if code.batch is not None and code.batch.status != BatchStatus.ACTIVE:
        return "It cannot be claimed yet: its batch is not active."
    if state.status is ListStatus.PENDING:
        return "It cannot be claimed yet: the list has not started."
    if state.status is ListStatus.COMPLETED:
        return f"It cannot be claimed now. {state.why_no_batches}"
    if state.now >= end_of(code, state):
        days = code.facts.handout.valid_days
        return f"It cannot be claimed any more: it was handed out for {days} days."
    return ""
