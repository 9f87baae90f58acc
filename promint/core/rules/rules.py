"""The rules of claiming and of a list's life. Pure: no database; `now` is an argument."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from promint.core.rules import limits


class ListType(StrEnum):
    SINGLE_USE = "single_use"
    MULTI_USE = "multi_use"
    THIRD_PARTY = "third_party"

    @property
    def label(self) -> str:
        return {"single_use": "Single use", "multi_use": "Multi use", "third_party": "3rd party"}[
            self
        ]


class ListStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"


class BatchStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    FAILED = "failed"


class Verdict(StrEnum):
    """The result of an attempt to claim. The refusals are listed in the order in which they are
    checked."""

    CLAIMED = "claimed"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    CODE_NOT_FOUND = "code_not_found"
    CODE_CANCELLED = "code_cancelled"
    ALREADY_CLAIMED_BY_CUSTOMER = "already_claimed_by_customer"
    CODE_ALREADY_CLAIMED = "code_already_claimed"
    CODE_NOT_ACTIVE = "code_not_active"
    CODE_EXPIRED = "code_expired"
    CAP_REACHED = "cap_reached"


CUSTOMER_MESSAGES = {
    Verdict.TOO_MANY_ATTEMPTS: "Too many attempts. Please try again later.",
    Verdict.CODE_NOT_FOUND: "We don't recognise this code.",
    Verdict.CODE_CANCELLED: "This code is no longer valid.",
    Verdict.ALREADY_CLAIMED_BY_CUSTOMER: "You have already used this code.",
    Verdict.CODE_ALREADY_CLAIMED: "This code has already been used.",
    Verdict.CODE_NOT_ACTIVE: "This code isn't active yet.",
    Verdict.CODE_EXPIRED: "This code has expired.",
    Verdict.CAP_REACHED: "This code has expired.",
}

# Refusals that know the list of the code, so that the list can have a sentence of its own.
OWN_MESSAGES = (
    Verdict.CODE_CANCELLED,
    Verdict.ALREADY_CLAIMED_BY_CUSTOMER,
    Verdict.CODE_ALREADY_CLAIMED,
    Verdict.CODE_NOT_ACTIVE,
    Verdict.CODE_EXPIRED,
    Verdict.CAP_REACHED,
)


@dataclass(frozen=True, slots=True)
class Case:
    """All that the verdict on a known code depends on, as it is while the list's counter is
    locked."""

    cancelled: bool
    claimed_by_customer: bool
    claimed_by_other: bool  # single use and 3rd party; always False for multi use
    batch_active: bool  # True for multi use, which has no batch
    starts_at: datetime
    ends_at: datetime
    entry_cap: int | None
    claims: int


def judge(locked_out: bool, code: Case | None, now: datetime) -> Verdict:
    """The verdict on one attempt: the first refusal that applies, or CLAIMED. `code` is None if
    unknown."""
    if locked_out:
        return Verdict.TOO_MANY_ATTEMPTS
    if code is None:
        return Verdict.CODE_NOT_FOUND
    if code.cancelled:
        return Verdict.CODE_CANCELLED
    if code.claimed_by_customer:
        return Verdict.ALREADY_CLAIMED_BY_CUSTOMER
    if code.claimed_by_other:
        return Verdict.CODE_ALREADY_CLAIMED
    if now < code.starts_at or not code.batch_active:
        return Verdict.CODE_NOT_ACTIVE
    if now >= code.ends_at:
        return Verdict.CODE_EXPIRED
    if is_capped_out(code.entry_cap, code.claims):
        return Verdict.CAP_REACHED
    return Verdict.CLAIMED


def is_capped_out(entry_cap: int | None, claims: int) -> bool:
    return entry_cap is not None and claims >= entry_cap


def status_at(
    starts_at: datetime, ends_at: datetime, entry_cap: int | None, claims: int, now: datetime
) -> ListStatus:
    if now >= ends_at or is_capped_out(entry_cap, claims):
        return ListStatus.COMPLETED
    return ListStatus.PENDING if now < starts_at else ListStatus.ACTIVE


class Refusal(StrEnum):
    """Why a change to a list, a batch or a code is refused."""

    INVALID_REQUEST = "invalid_request"
    NOT_FOUND = "not_found"
    CODE_EXISTS = "code_exists"
    FIELD_LOCKED = "field_locked"
    CAP_BELOW_CLAIMS = "cap_below_claims"
    CHANGED_MEANWHILE = "changed_meanwhile"
    LIST_COMPLETED = "list_completed"
    LIST_IN_USE = "list_in_use"
    WRONG_LIST_TYPE = "wrong_list_type"
    KEYSPACE_TOO_SMALL = "keyspace_too_small"
    CODE_ALREADY_CLAIMED = "code_already_claimed"
    ALREADY_REVERSED = "already_reversed"
    UNDO_EXPIRED = "undo_expired"
    NO_CODES_LEFT = "no_codes_left"
    CODE_NOT_ACTIVE = "code_not_active"
    BATCH_PENDING = "batch_pending"
    EXPORT_PENDING = "export_pending"
    TOO_MANY_FOR_XLS = "too_many_for_xls"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    UNSUPPORTED_FILE = "unsupported_file"
    COLUMN_NEEDED = "column_needed"
    SHEET_NEEDED = "sheet_needed"


EDITABLE_FIELDS = frozenset({"name", "ends_at", "entry_cap"})


def may_edit(field: str) -> bool:
    """Type, start, outcomes and codes cannot be edited: they are promises made to customers."""
    return field in EDITABLE_FIELDS


@dataclass(frozen=True, slots=True)
class Guesses:
    """The unknown codes a customer has tried. `recent` has their times in seconds since the epoch,
    oldest first."""

    recent: tuple[float, ...] = ()
    locked_until: datetime | None = None
    lockouts: int = 0

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until


def after_unknown_code(guesses: Guesses, now: datetime) -> Guesses:
    """Counts one more unknown code. At the limit, the customer is locked out."""
    since = (now - limits.UNKNOWN_CODES_WINDOW).timestamp()
    recent = (*(t for t in guesses.recent if t > since), now.timestamp())
    if len(recent) < limits.UNKNOWN_CODES:
        return replace(guesses, recent=recent)
    return Guesses((), now + lockout_length(guesses, now), _lockouts_remembered(guesses, now) + 1)


def lockout_length(guesses: Guesses, now: datetime) -> timedelta:
    doublings = min(_lockouts_remembered(guesses, now), 10)
    return min(limits.LOCKOUT_FIRST * (1 << doublings), limits.LOCKOUT_LONGEST)


def _lockouts_remembered(guesses: Guesses, now: datetime) -> int:
    ended = guesses.locked_until
    if ended is None or now - ended > limits.LOCKOUTS_FORGOTTEN_AFTER:
        return 0
    return guesses.lockouts
