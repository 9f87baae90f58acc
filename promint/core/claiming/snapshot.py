"""Everything on which the verdicts of a group of attempts depend, read while locks keep it
unchanged.

Locks are taken in one order everywhere: the counter rows of lists, then the rows of guessing
customers, both sorted. What a cancellation or an edit could change is read only after the list's
counter is locked.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from promint.core import events
from promint.core.claiming import guessing
from promint.core.claiming.issuing import NewClaim
from promint.core.lists import ListFacts, facts_of
from promint.core.rules import Case, Event, Guesses, Stock, after_unknown_code, news
from promint.core.storage import (
    Asked,
    Row,
    ask,
    ask_now,
    ask_pairs,
    moment,
    select,
    sent_together,
    vendor,
)

# Locks the counter row of each code's list, in order, and reads what the verdict on the cap depends
# on.
_COUNTERS = (
    "SELECT list_id, claims, entry_cap, codes, cancelled, handed_out_gone FROM core_listcounter"
    " WHERE list_id IN (SELECT list_id FROM core_code WHERE value IN {values})"
    " ORDER BY list_id"
)
# Finds out which of these lists have a counter row.
_COUNTED = "SELECT list_id FROM core_listcounter WHERE list_id IN {values}"
# Reads what may have changed until the lock was taken: the ends of the lists, how often one of
# their offers was renamed, and whether any of their codes was handed out.
_CHANGING = (
    "SELECT id, ends_at, offer_renames,"
    " EXISTS (SELECT 1 FROM core_handoutcount h WHERE h.list_id = l.id)"
    " FROM core_promolist l"
    " WHERE id IN (SELECT list_id FROM core_code WHERE value IN {values})"
)
# Reads the codes: whether each is cancelled, and whether its batch is active.
_CODES = (
    "SELECT c.value, c.list_id, c.typed, c.cancelled_at IS NOT NULL,"
    " c.batch_id IS NULL OR b.status = 'active', NULL, NULL"
    " FROM core_code c LEFT JOIN core_batch b ON b.id = c.batch_id WHERE c.value IN {values}"
)
# The same, with the recipient and time of the handout.
_CODES_HANDED_OUT = _CODES.replace("NULL, NULL", "h.recipient, h.handed_out_at").replace(
    " WHERE", " LEFT JOIN core_handout h ON h.list_id = c.list_id AND h.code = c.value WHERE"
)
# Locks codes against handing out until this transaction ends. Claims of other codes do not wait.
_KEEP = "SELECT c.value FROM core_code c WHERE c.value IN {values} ORDER BY c.value"
# Reads claims and whether their code was made available again. Such a code is free, in the next
# round.
_CLAIMS = (
    "SELECT k.code, k.customer, k.id, k.single_use, k.round, COALESCE(r.available_again, false)"
    " FROM core_claim k LEFT JOIN core_reversal r"
    " ON r.code = k.code AND r.customer = k.customer AND r.round = k.round"
)
# Reads the claims of these codes, which can each be claimed once.
_CLAIMS_ONCE = f"{_CLAIMS} WHERE k.single_use AND k.code IN {{values}}"
# Reads which of these customers have claimed these multi use codes.
_CLAIMS_SHARED = f"{_CLAIMS} WHERE (k.code, k.customer) IN {{pairs}}"


class CounterMissing(Exception):
    """A list has no counter row to lock and to count in: the database is damaged."""


class LockedCode(NamedTuple):
    value: str
    facts: ListFacts
    typed: str | None
    cancelled: bool
    batch_active: bool
    recipient: str | None = None  # these two only if it was handed out
    handed_out_at: datetime | None = None

    def is_for(self, customer: str) -> bool:
        return self.facts.handout.is_for(customer, self.recipient)

    @property
    def shown(self) -> str:
        return self.facts.show(self.value, self.typed)


@dataclass(slots=True)
class _Counter:
    claims: int
    entry_cap: int | None
    codes: int
    cancelled: int
    handed_out_gone: int
    ends_at: datetime
    hands_out: bool  # whether any of its codes was handed out
    made: int = 0  # how many of its claims are made by this group
    made_of_handed_out: int = 0  # how many of these are of codes that were handed out


def _counters(locked: list[Row], changing: list[Row]) -> dict[int, _Counter]:
    """The counters of the locked lists, with what may have changed until they were locked."""
    as_it_is = {list_id: (moment(at), bool(given)) for list_id, at, _, given in changing}
    return {
        list_id: _Counter(claims, cap, codes, cancelled, gone, *as_it_is[list_id])
        for list_id, claims, cap, codes, cancelled, gone in locked
    }


class ClaimSnapshot:
    """Read once for the group. `add` and `count_unknown` keep it up to date while the group is
    judged."""

    def __init__(
        self,
        wanted: set[tuple[str | None, str]],
        clock: Callable[[], datetime] | None = None,
        uncounted: Set[str] = frozenset(),
    ) -> None:
        """`wanted`: the canonical code (None: not a possible code) and the customer of each
        attempt. `clock`: another than the database's. `uncounted`: customers for whom no unknown
        code will be counted."""
        codes = sorted({value for value, _ in wanted if value is not None})
        with sent_together():  # each reads what is committed when the locks are there
            locked = ask(_COUNTERS + vendor().for_update, codes)
            now = ask_now()
            changing = ask(_CHANGING, codes)
            found = ask(_CODES, codes)
            guesses = guessing.ask(customer for _, customer in wanted)
        self.now = clock() if clock else now()
        self._counters = _counters(locked(), changed := changing())
        renames = {list_id: renames for list_id, _, renames, _ in changed}
        self._facts = facts_of(self._counters, renames)
        self._codes = self._read_codes(found(), codes)
        self._claims: dict[str, dict[str, str]] = {}  # ids of claims that hold a code, by customer
        self._rounds: dict[tuple[str, str | None], int] = {}
        with sent_together():
            claims = self._ask_claims(wanted)
            locked_guesses = self._lock_guesses(wanted, uncounted)
        self._note_claims(claims)
        self._guesses = guesses() | locked_guesses()
        self._guessed: set[str] = set()

    def _read_codes(self, found: list[Row], values: list[str]) -> dict[str, LockedCode]:
        """The codes that were found. Where codes are handed out, they are read again with these
        handouts; and one that nobody has yet is locked against handing out, then read once
        more."""
        self._check_counters({list_id for _, list_id, *_ in found} - self._counters.keys())
        if not any(counter.hands_out for counter in self._counters.values()):
            return self._locked(found)
        codes = self._locked(select(_CODES_HANDED_OUT, values))
        nobodys = [
            value
            for value, code in codes.items()
            if code.recipient is None and self._counters[code.facts.id].hands_out
        ]
        select(_KEEP + vendor().for_key_share, sorted(nobodys))
        return codes | self._locked(select(_CODES_HANDED_OUT, nobodys))

    def _check_counters(self, not_locked: set[int]) -> None:
        """A list that is not locked although its code was found has no counter, or the code was
        loaded a moment after the locks were taken."""
        counted = {list_id for (list_id,) in select(_COUNTED, sorted(not_locked))}
        if missing := not_locked - counted:
            raise CounterMissing(missing)

    def _locked(self, rows: list[Row]) -> dict[str, LockedCode]:
        """The codes in these rows; those whose list is not locked do not exist yet."""
        return {
            value: LockedCode(
                value,
                self._facts[list_id],
                typed,
                bool(cancelled),
                bool(active),
                recipient,
                handed_out_at and moment(handed_out_at),
            )
            for value, list_id, typed, cancelled, active, recipient, handed_out_at in rows
            if list_id in self._counters
        }

    def _ask_claims(self, wanted: Iterable[tuple[str | None, str]]) -> list[Asked]:
        """Ask for the claims that matter. A multi use code may have very many, so that only those
        of the attempts' customers are looked for."""
        once = [value for value, code in self._codes.items() if code.facts.single_use]
        shared = {
            (value, customer)
            for value, customer in wanted
            if value in self._codes and not self._codes[value].facts.single_use
        }
        return [ask(_CLAIMS_ONCE, once), ask_pairs(_CLAIMS_SHARED, sorted(shared))]

    def _note_claims(self, asked: Iterable[Asked]) -> None:
        found = chain.from_iterable(rows() for rows in asked)
        for value, customer, claim_id, single_use, number, available_again in found:
            if not available_again:
                self._claims.setdefault(value, {})[customer] = claim_id
            place = value, None if single_use else customer
            free = number + bool(available_again)
            self._rounds[place] = max(free, self._rounds.get(place, 0))

    def _lock_guesses(
        self, wanted: Iterable[tuple[str | None, str]], uncounted: Set[str]
    ) -> guessing.Asked:
        """Lock and ask for the guesses of customers who may be counted."""
        unknown = {one for value, one in wanted if self.code(value, one) is None} - uncounted
        return guessing.lock(unknown, self.now)

    def code(self, value: str | None, customer: str) -> LockedCode | None:
        """The code; None also if it is bound to another recipient."""
        code = None if value is None else self._codes.get(value)
        return code if code is not None and code.is_for(customer) else None

    def claim_id(self, value: str, customer: str) -> str | None:
        return self._claims.get(value, {}).get(customer)

    def round(self, code: LockedCode, customer: str) -> int:
        """The round for a new claim of the code. If a claim stands, it is that claim's round, so
        that the primary key refuses a second one even if the attempt was judged wrongly."""
        return self._rounds.get((code.value, None if code.facts.single_use else customer), 0)

    def locked_until(self, customer: str) -> datetime | None:
        guesses = self._guesses.get(customer)
        return guesses.locked_until if guesses and guesses.locked(self.now) else None

    def case(self, code: LockedCode, customer: str) -> Case:
        counter = self._counters[code.facts.id]
        claims = self._claims.get(code.value, {})
        return Case(
            cancelled=code.cancelled,
            claimed_by_customer=customer in claims,
            claimed_by_other=code.facts.single_use and bool(claims) and customer not in claims,
            batch_active=code.batch_active,
            starts_at=code.facts.starts_at,
            ends_at=code.facts.handout.end(counter.ends_at, code.handed_out_at),
            entry_cap=counter.entry_cap,
            claims=counter.claims,
        )

    def add(self, claim: NewClaim) -> None:
        self._claims.setdefault(claim.code, {})[claim.customer] = claim.id
        counter = self._counters[claim.facts.id]
        counter.claims += 1
        counter.made += 1
        counter.made_of_handed_out += claim.was_handed_out

    def news(self) -> list[tuple[int, Event]]:
        """The limits of lists that the group's claims have reached, as events."""
        return [
            (list_id, event)
            for list_id, counter in self._counters.items()
            if counter.made
            for event in self._news_of(list_id, counter)
        ]

    def _news_of(self, list_id: int, counter: _Counter) -> list[Event]:
        codes = counter.codes if self._facts[list_id].single_use else None
        given = events.handed_out(list_id) if counter.hands_out else 0
        before = Stock(
            counter.claims - counter.made,
            counter.entry_cap,
            codes,
            counter.cancelled,
            given,
            counter.handed_out_gone,
        )
        gone = counter.handed_out_gone + counter.made_of_handed_out
        return news(before, replace(before, claims=counter.claims, handed_out_gone=gone))

    def count_unknown(self, customer: str) -> None:
        guesses = self._guesses.get(customer, Guesses())
        self._guesses[customer] = after_unknown_code(guesses, self.now)
        self._guessed.add(customer)

    def guesses_made(self) -> dict[str, Guesses]:
        return {customer: self._guesses[customer] for customer in self._guessed}
