"""Sentences that ask about what creating or editing a list may cost, if that may not be meant.
Pure."""

from datetime import datetime, timedelta

from promint.core.rules import NewList
from promint.dashboard.lists.state import ListState
from promint.dashboard.page import formats, worth

FAR_YEAR = 2100
LONG = timedelta(days=3653)  # ten years
DAYS_OF_A_YEAR = 365.25
MANY, MANY_TIMES = 1_000_000, 10  # a cap of so many claims, grown so much, may not be meant


def of_new(new: NewList, now: datetime) -> list[str]:
    """Questions about a new list. Its times are in the zone in which they were typed."""
    if new.ends_at <= now:
        over = (
            f"{formats.day(new.ends_at)}, {formats.clock(new.ends_at)} {formats.zone(new.ends_at)}"
        )
        return [f"The list is over already: it ends on {over}. Nobody can claim a code of it."]
    return _of_window(new.starts_at, new.ends_at)


def of_edit(state: ListState, starts_at: datetime, changes: dict[str, object]) -> list[str]:
    """Questions about an edit. `changes`: name, ends_at and entry_cap as far as they change.
    Times are in the list's zone."""
    found = []
    ends_at = changes.get("ends_at")
    if isinstance(ends_at, datetime):
        found += _of_end(state, ends_at) or _of_window(starts_at, ends_at)
    cap = changes.get("entry_cap", state.cap)
    if cap != state.cap and (cap is None or isinstance(cap, int)):
        found += _of_cap(state, cap)
    return found


def _of_window(starts_at: datetime, ends_at: datetime) -> list[str]:
    if ends_at.year > FAR_YEAR:
        return [
            f"The list ends on {formats.day(ends_at)}, after the year {FAR_YEAR}. Look at the year."
        ]
    if ends_at - starts_at > LONG:
        years = (ends_at - starts_at).days / DAYS_OF_A_YEAR
        return [
            f"The list runs for about {years:.0f} years, until {formats.day(ends_at)}."
            " Look at the year."
        ]
    return []


def _of_end(state: ListState, ends_at: datetime) -> list[str]:
    if ends_at > state.now or state.is_over:
        return []
    over = f"{formats.day(ends_at)}, {formats.clock(ends_at)} {formats.zone(ends_at)}"
    return [f"The list is completed at once: {over} is over. Nobody can claim a code of it then."]


def _of_cap(state: ListState, cap: int | None) -> list[str]:
    if state.is_over:
        return []
    if cap is None:
        return [_without_cap(state)]
    if cap == state.claims:
        made = formats.counted(state.claims, "claim")
        return [
            f"The list is completed at once: {made} of {formats.number(state.claims)} are made."
        ]
    many = state.cap is not None and cap >= max(MANY, MANY_TIMES * state.cap)
    return [_many_times(state, cap)] if many else []


def _many_times(state: ListState, cap: int) -> str:
    grows = f"The cap grows from {formats.number(state.cap or 0)} to {formats.number(cap)} claims"
    points = state.facts.outcomes.points
    if not points:
        return f"{grows}. Look at the zeros."
    now = worth.in_points_and_money(state.most_points or 0)
    then = worth.in_points_and_money(cap * points)
    return f"{grows}, so the list can cost {then} and not {now}. Look at the zeros."


def _without_cap(state: ListState) -> str:
    """What the list can cost now and without a cap."""
    points = state.facts.outcomes.points
    if points:
        before = worth.in_points_and_money(state.most_points or 0)
        each = f"{worth.in_points_and_money(points)} for each claim"
    else:
        before, each = formats.counted(state.cap or 0, "claim"), "as many claims as there are"
    return (
        "Without a cap nothing limits what the list can cost until it ends."
        f" Now: {before} at most. Then: no limit, {each}."
    )
