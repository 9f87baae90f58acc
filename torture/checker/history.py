"""The history that is judged: attempts with all their tries, claims with the time in which they
stood, and what a setting may have been at a moment. Nothing here is shared with the product."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from torture.final import Final, ListAsRead
from torture.journal import FOREVER, Call

EVER = -FOREVER
KEPT_REFUSAL = 409
CLOCK = 0.000_002  # seconds by which a time that was rounded to microseconds may be off


def seconds_of(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def canonical(code: str) -> str:
    return re.sub(r"[\s._-]", "", code).upper()


@dataclass(frozen=True)
class Attempt:
    """One thing that was wanted, however often it was sent. `answer`: the one that counts; None
    if there was none. `begin` and `end` enclose the moment at which it was decided."""

    tries: tuple[Call, ...]
    answer: Call | None

    @property
    def sent(self) -> dict[str, Any]:
        return self.tries[0].sent

    @property
    def begin(self) -> float:
        return min(call.begin for call in self.tries)

    @property
    def end(self) -> float:
        return FOREVER if self.answer is None else self.answer.end

    @property
    def succeeded(self) -> bool:
        return self.answer is not None and self.answer.succeeded

    @property
    def error(self) -> str:
        return "" if self.answer is None else self.answer.error

    @property
    def may_have_happened(self) -> bool:
        return self.succeeded or (self.answer is None and any(call.unknown for call in self.tries))

    def __str__(self) -> str:
        call = self.tries[0]
        end = "no answer" if self.answer is None else f"{self.end:.6f}"
        key = f" with key {call.key}" if call.key else ""
        return f"{call.verb} {call.sent}{key} [{self.begin:.6f}, {end}] call {call.number}"


def attempts(calls: Iterable[Call]) -> Iterator[Attempt]:
    """Tries with one key are one attempt, whose answer is the first that is kept. A refusal that
    is not kept is an attempt of its own."""
    by_key: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in calls:
        if call.key is None or (call.definite and not is_kept(call)):
            yield Attempt((call,), call if call.definite else None)
        else:
            by_key[call.verb, call.key].append(call)
    for tries in by_key.values():
        answered = [call for call in tries if call.definite]
        yield Attempt(tuple(tries), min(answered, key=lambda call: call.end, default=None))


def is_kept(call: Call) -> bool:
    return call.succeeded or call.status == KEPT_REFUSAL


@dataclass(frozen=True)
class Claim:
    """`free_at`: when the code became available again."""

    id: str
    code: str
    customer: str
    list_id: str
    at: float
    reversed_at: float | None
    free_at: float
    row: dict[str, Any] = field(repr=False)

    def stood_in(self, begin: float, end: float) -> bool:
        """At some moment of that time."""
        return self.at <= end + CLOCK and self.free_at >= begin - CLOCK

    def stood_throughout(self, begin: float, end: float) -> bool:
        return self.at < begin and self.free_at > end


@dataclass(frozen=True)
class Write:
    begin: float
    end: float
    value: Any


class Setting:
    """A value that is written now and then; some writes may have happened or not."""

    def __init__(self, first: Any) -> None:
        self._writes = [Write(EVER, EVER, first)]

    def write(self, begin: float, end: float, value: Any) -> None:
        self._writes.append(Write(begin, end, value))

    def possible(self, begin: float, end: float) -> list[Any]:
        """What it may have been at some moment of that time."""
        return [
            one.value
            for one in self._writes
            if one.begin <= end and not self._replaced_before(begin, one)
        ]

    def _replaced_before(self, moment: float, one: Write) -> bool:
        return any(w.end < moment and w.begin > one.end for w in self._writes)


class Count:
    """The number of claims that hold a place under the cap, over time."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        claims = list(claims)
        changes = [(claim.at, +1) for claim in claims]
        changes += [(claim.free_at, -1) for claim in claims if claim.free_at < FOREVER]
        self.steps: list[tuple[float, int]] = []
        count = 0
        for at, change in sorted(changes):  # at the same moment, a place is freed first
            count += change
            self.steps.append((at, count))

    def between(self, begin: float, end: float) -> list[int]:
        """All values in that time."""
        before = [count for at, count in self.steps if at < begin - CLOCK]
        within = [count for at, count in self.steps if begin - CLOCK <= at <= end + CLOCK]
        return [before[-1] if before else 0, *within]


class History:
    def __init__(self, calls: list[Call], final: Final) -> None:
        self.calls = calls
        self.final = final

    def attempts(self, *verbs: str) -> list[Attempt]:
        return list(attempts(call for call in self.calls if call.verb in verbs))

    @cached_property
    def claim_attempts(self) -> list[Attempt]:
        return self.attempts("claim")

    @cached_property
    def reversals(self) -> dict[str, list[Attempt]]:
        """By claim."""
        found: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in self.attempts("reverse"):
            found[attempt.sent["claim"]].append(attempt)
        return found

    @cached_property
    def claims(self) -> list[Claim]:
        return [
            self._claim(list_id, row)
            for list_id, read in self.final.lists.items()
            for row in read.claims
        ]

    def _claim(self, list_id: str, row: dict[str, Any]) -> Claim:
        reversed_at = None if row["reversed_at"] is None else seconds_of(row["reversed_at"])
        again = reversed_at is not None and self._freed(row["id"])
        return Claim(
            row["id"],
            canonical(row["code"]),
            row["customer"],
            list_id,
            seconds_of(row["claimed_at"]),
            reversed_at,
            reversed_at if again and reversed_at is not None else FOREVER,
            row,
        )

    def _freed(self, claim_id: str) -> bool:
        """Whether the reversal made the code available again, as far as anybody was told."""
        for attempt in self.reversals.get(claim_id, []):
            if attempt.succeeded:
                return bool(attempt.sent["code"] == "available_again")
            if attempt.error == "already_reversed":
                return bool(attempt.sent["code"] != "available_again")
        return False

    @cached_property
    def by_code(self) -> dict[str, list[Claim]]:
        found: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.claims:
            found[claim.code].append(claim)
        return found

    @cached_property
    def claims_of(self) -> dict[str, list[Claim]]:
        """By list."""
        found: dict[str, list[Claim]] = {list_id: [] for list_id in self.final.lists}
        for claim in self.claims:
            found[claim.list_id].append(claim)
        return found

    @cached_property
    def counts(self) -> dict[str, Count]:
        """By list."""
        return {list_id: Count(claims) for list_id, claims in self.claims_of.items()}

    @cached_property
    def caps(self) -> dict[str, Setting]:
        return self._settings("entry_cap", lambda cap: FOREVER if cap is None else cap)

    @cached_property
    def ends(self) -> dict[str, Setting]:
        return self._settings("ends_at", seconds_of)

    def _settings(self, name: str, read: Any) -> dict[str, Setting]:
        found = {}
        for attempt in self.attempts("open"):
            if attempt.answer is not None and attempt.succeeded:
                found[attempt.answer.answer["id"]] = Setting(read(attempt.sent[name]))
        for attempt in self.attempts("edit"):
            if name in attempt.sent and attempt.may_have_happened:
                value = read(attempt.sent[name])
                found[attempt.sent["list"]].write(attempt.begin, attempt.end, value)
        return found

    @cached_property
    def list_of_code(self) -> dict[str, ListAsRead]:
        """By canonical code, of every type of list."""
        found = {}
        for read in self.final.lists.values():
            if read.facts.get("code"):
                found[canonical(read.facts["code"])] = read
            found |= {canonical(row["code"]): read for row in read.codes}
        return found

    @cached_property
    def cancels(self) -> dict[str, list[Attempt]]:
        """What may have cancelled a code, one by one or with others, by canonical code."""
        found: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in self.attempts("cancel", "cancel_several"):
            if attempt.may_have_happened:
                sent = attempt.sent
                for code in sent.get("codes") or [sent["code"]]:
                    found[canonical(code)].append(attempt)
        return found

    @cached_property
    def codes_read(self) -> dict[str, list[tuple[float, set[str]]]]:
        """Codes that callers were told, by list, with the end of the call that told them."""
        found: dict[str, list[tuple[float, set[str]]]] = defaultdict(list)
        for call in self.calls:
            if call.verb == "read_codes" and call.succeeded and call.answer["items"]:
                codes = {canonical(row["code"]) for row in call.answer["items"]}
                found[call.answer["items"][0]["list"]].append((call.end, codes))
        return found

    @cached_property
    def handouts(self) -> dict[str, dict[str, Any]]:
        """By canonical code."""
        return {
            canonical(row["code"]): row
            for read in self.final.lists.values()
            for row in read.handouts
        }
