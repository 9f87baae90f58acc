"""What an export would change here. Reads the database and writes nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from promint.core import codes, lists
from promint.core.codes import CodeState
from promint.core.rules import ListType, limits
from promint.moving.rows import NO_END, Export, Row
from promint.moving.systems import System

AT_ONCE = 1_000  # codes that are looked up together
SUBJECT = 80  # characters of a list's name, so that the discount is never cut off

# What becomes of a row. The first two are taken, all others left out.
REASONS = {
    "new": "new here",
    "here": "here already, from this export or an earlier one",
    "malformed": "not a code",
    "duplicate_in_file": "the same code as in an earlier row",
    "code_elsewhere": "another list has this code",
    "switched_off": "switched off or deleted there",
    "expired": "expired there",
    "used_up": "used as often as allowed",
    "used_before_start": "used, but begins later",
    "balance": "a balance (gift card, loyalty), which cannot be mapped",
    "no_discount": "without a discount; --offer says what it issues",
    "unreadable": "with a number or date that cannot be read",
}


class Described(NamedTuple):
    """A list that the export describes. Rows that describe the same are in one list."""

    name: str
    type: ListType
    offer: str
    starts_at: datetime
    ends_at: datetime
    entry_cap: int | None
    code: str | None  # of a multi use list


@dataclass
class Work:
    """What is to be done in one list. Codes in `used` are claimed once they are here."""

    fresh: list[Row] = field(default_factory=list)
    used: list[Row] = field(default_factory=list)


@dataclass
class Plan:
    system: System
    unread: list[str]
    outcomes: list[tuple[Row, str]] = field(default_factory=list)  # a name of REASONS for each row
    work: dict[Described, Work] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome, in the order of REASONS."""
        found = Counter(outcome for _, outcome in self.outcomes)
        return {outcome: found[outcome] for outcome in REASONS if found[outcome]}


def plan(system: System, export: Export, now: datetime) -> Plan:
    made = Plan(system, export.unread)
    seen: set[str] = set()
    for rows in in_parts(export.rows):
        known = _known(rows)
        for row in rows:
            reason = row.reason or _left_out(row, now, seen)
            seen.add(row.value)
            outcome = reason or _place(made, row, known.get(row.value))
            made.outcomes.append((row, outcome))
    return made


def _known(rows: Sequence[Row]) -> dict[str, tuple[CodeState, str]]:
    """The codes that exist, with the names of their lists."""
    states = codes.known([row.value for row in rows if row.value])
    names = lists.names_of(state.facts.id for state in states)
    return {state.value: (state, names[state.facts.id]) for state in states}


def _left_out(row: Row, now: datetime, seen: set[str]) -> str:
    if row.value in seen:
        return "duplicate_in_file"
    if row.ends_at <= now:
        return "expired"
    if not row.once and row.limit is not None and row.used >= row.limit:
        return "used_up"
    return "used_before_start" if row.once and row.used and row.starts_at > now else ""


def describe(system: System, row: Row) -> Described:
    subject = (row.campaign or system.label) if row.once else row.typed
    until = "" if row.ends_at == NO_END else f", until {row.ends_at:%Y-%m-%d %H:%M}"
    since = "" if row.starts_at == limits.EARLIEST else f", from {row.starts_at:%Y-%m-%d %H:%M}"
    name = " ".join(f"{subject[:SUBJECT]}: {row.offer}{since}{until}".split())
    left = None if row.limit is None else row.limit - row.used
    return Described(
        name="".join(filter(str.isprintable, name))[: limits.NAME_CHARACTERS],
        type=ListType.THIRD_PARTY if row.once else ListType.MULTI_USE,
        offer=row.offer,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        entry_cap=None if row.once else left,
        code=None if row.once else row.typed,
    )


def _place(made: Plan, row: Row, known: tuple[CodeState, str] | None) -> str:
    described = describe(made.system, row)
    if known is None:
        work = made.work.setdefault(described, Work())
        work.fresh.append(row)
        if row.once and row.used:
            work.used.append(row)
        return "new"
    state, name = known
    if name != described.name:
        return "code_elsewhere"
    if row.once and row.used and state.status == "available":
        made.work.setdefault(described, Work()).used.append(row)
    return "here"


def in_parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]
