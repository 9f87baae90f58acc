"""Cancellations in words."""

from collections.abc import Mapping

from promint.core.codes import selecting
from promint.core.models import Cancellation
from promint.dashboard.page import formats

_NUMBERS = {"exact": "{}", "at_least": "at least {}", "at_most": "at most {}"}
_HANDED_OUT = {None: "", True: ", only handed out", False: ", only not handed out"}


def cancelled_codes(one: Cancellation) -> str:
    """Which codes it is about."""
    if one.list is None:
        chosen = f"{formats.counted(one.quantity, 'code')} by name"
    elif one.batch is None:
        chosen = one.list.name
    else:
        chosen = f"{one.batch.label} of {one.list.name}"
    return chosen + _HANDED_OUT[one.only_handed_out]


def number(codes: int, what_it_is: str) -> str:
    """How many codes, and what the number is: "at most 1,200 codes"."""
    return _NUMBERS[what_it_is].format(formats.counted(codes, "code"))


def left(counts: Mapping[str, int]) -> list[str]:
    """Phrases like "12 claimed by a customer"."""
    return [
        f"{formats.number(counts[reason])} {words}"
        for reason, words in selecting.REASONS.items()
        if counts.get(reason)
    ]


def state(one: Cancellation) -> str:
    """The name of its status, as pages show it."""
    if one.undone_at is not None:
        return "undone"
    if one.status == "pending":
        return "under_way" if one.undo_asked_at is None else "undoing"
    if one.status == "declined" and one.decided_by == one.created_by:
        return "withdrawn"
    return "done" if one.status == "active" else one.status
