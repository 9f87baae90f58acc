"""What was refused: only for a reason that held at some moment of the call."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from torture.checker.history import Attempt, History, canonical, seconds_of

GUESSES = 10  # unknown codes until a customer is locked out
GUESSES_OF_A_KEY = 1_000  # in an hour, until further ones are refused without a look
HOUR = 3600.0  # seconds
WINDOW = 590.0  # seconds in which these are counted, less some for the way to the server


class Case:
    """One claim or validation that was refused, or would have been."""

    def __init__(self, history: History, attempt: Attempt) -> None:
        self.history = history
        self.begin, self.end = attempt.begin, attempt.end
        self.customer = attempt.sent["customer"]
        self.code = canonical(attempt.sent["code"])
        self.read = history.list_of_code.get(self.code)
        self.answer: dict[str, Any] = attempt.answer.answer if attempt.answer else {}

    @property
    def list_id(self) -> str:
        assert self.read is not None
        return str(self.read.facts["id"])

    def possible_ends(self) -> list[float]:
        return self.history.ends[self.list_id].possible(self.begin, self.end)

    def possible_caps(self) -> list[float]:
        return self.history.caps[self.list_id].possible(self.begin, self.end)

    def counts(self) -> list[int]:
        return self.history.counts[self.list_id].between(self.begin, self.end)


def _unknown(case: Case) -> bool:
    if case.read is None:
        return True
    if not (case.read.facts.get("handout") or {}).get("bound"):
        return False
    handout = case.history.handouts.get(case.code)
    if handout is None or handout["recipient"] == case.customer:
        return False
    return seconds_of(handout["handed_out_at"]) <= case.end


def _claimed_by_customer(case: Case) -> bool:
    return any(
        claim.customer == case.customer
        and claim.stood_in(case.begin, case.end)
        and case.answer.get("claim_id", claim.id) == claim.id
        for claim in case.history.by_code.get(case.code, [])
    )


def _claimed_by_other(case: Case) -> bool:
    return any(
        claim.customer != case.customer and claim.stood_in(case.begin, case.end)
        for claim in case.history.by_code.get(case.code, [])
    )


def _cancelled(case: Case) -> bool:
    return any(one.begin <= case.end for one in case.history.cancels.get(case.code, []))


def _not_active(case: Case) -> bool:
    assert case.read is not None
    return seconds_of(case.read.facts["starts_at"]) > case.begin


_REASONS: dict[str, Callable[[Case], bool]] = {
    "code_not_found": _unknown,
    "code_cancelled": _cancelled,
    "already_claimed_by_customer": _claimed_by_customer,
    "code_already_claimed": _claimed_by_other,
    "code_not_active": _not_active,
    "code_expired": lambda case: min(case.possible_ends()) <= case.end,
    "cap_reached": lambda case: max(case.counts()) >= min(case.possible_caps()),
}


def claims_are_refused_for_a_reason(history: History) -> Iterator[str]:
    for attempt in history.claim_attempts:
        if attempt.answer is not None and attempt.answer.refused:
            reason = _REASONS.get(attempt.error)
            if reason is not None and not reason(Case(history, attempt)):
                yield f"{attempt.error}, but that was not so: {attempt} {attempt.answer.body!r}"


def validations_say_what_is_so(history: History) -> Iterator[str]:
    for attempt in history.attempts("validate"):
        if attempt.answer is None or not attempt.succeeded:
            continue
        case, error = Case(history, attempt), attempt.answer.answer["error"]
        case.answer = {}
        if error is not None and error in _REASONS and not _REASONS[error](case):
            yield f"said to be {error}, but that was not so: {attempt}"
        if error is None and (why := _why_not(case)):
            yield f"said to be claimable, but {why}: {attempt}"


def _why_not(case: Case) -> str:
    """Why it could not be claimed at any moment of the call."""
    if max(case.possible_ends()) <= case.begin:
        return "its list had ended"
    if min(case.counts()) >= max(case.possible_caps()):
        return "the cap was reached"
    for claim in case.history.by_code.get(case.code, []):
        once = case.read is not None and case.read.facts["type"] != "multi_use"
        if claim.stood_throughout(case.begin, case.end) and (
            once or claim.customer == case.customer
        ):
            return f"it was claimed: {claim}"
    return ""


def customers_are_locked_out_for_guessing(history: History) -> Iterator[str]:
    guesses: dict[str, list[float]] = defaultdict(list)
    in_hour: Counter[int] = Counter()  # of all customers; when they are too many, the key is held
    locked: list[Attempt] = []
    for attempt in history.attempts("claim", "validate"):
        told = _told(attempt)
        if told == "too_many_attempts":
            locked.append(attempt)
        elif told == "code_not_found" or attempt.answer is None:
            guesses[attempt.sent["customer"]].append(attempt.begin)
            in_hour[int(attempt.begin // HOUR)] += 1
    for attempt in locked:
        before = sum(at <= attempt.end for at in guesses[attempt.sent["customer"]])
        of_key = max(in_hour[int(at // HOUR)] for at in (attempt.begin, attempt.end))
        if before < GUESSES and of_key < GUESSES_OF_A_KEY:
            yield f"locked out after {before} unknown codes: {attempt}"


def guesses_end_with_a_lockout(history: History) -> Iterator[str]:
    """Nobody is told that a further code is unknown, if so many were answered before it was sent
    that the customer must have been locked out."""
    guesses: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in history.attempts("claim", "validate"):
        if _told(attempt) == "code_not_found":
            guesses[attempt.sent["customer"]].append(attempt)
    for tried in guesses.values():
        for attempt in tried:
            counted = sum(
                attempt.begin - WINDOW < one.begin and one.end < attempt.begin for one in tried
            )
            if counted >= GUESSES:
                yield f"not locked out after {counted} unknown codes: {attempt}"


def _told(attempt: Attempt) -> str:
    """The error that was answered; empty if there was none, or no answer."""
    return str(attempt.answer.answer.get("error") or "") if attempt.answer is not None else ""


def caps_are_refused_below_the_claims(history: History) -> Iterator[str]:
    for attempt in history.attempts("edit"):
        cap = attempt.sent.get("entry_cap")
        if cap is None or attempt.answer is None:
            continue
        counts = history.counts[attempt.sent["list"]].between(attempt.begin, attempt.end)
        if attempt.succeeded and min(counts) > cap:
            yield f"the cap was set below {min(counts)} claims: {attempt}"
        if attempt.error == "cap_below_claims" and max(counts) <= cap:
            yield f"{attempt.error} with {max(counts)} claims: {attempt}"


_EXPECTED = {
    "claim": {*_REASONS, "too_many_attempts"},
    "reverse": {"already_reversed"},
    "cancel": {"code_already_claimed"},
    "hand_out": {"no_codes_left", "list_completed"},
    "edit": {"cap_below_claims", "invalid_request"},
    "misuse": {"idempotency_key_reused"},
}
_TRY_AGAIN = {"busy", "outcome_unknown"}


def nothing_else_is_answered(history: History) -> Iterator[str]:
    """No fault of the server, and no refusal that does not belong to the request."""
    found: Counter[str] = Counter()
    for call in history.calls:
        if call.status is None or call.succeeded:
            continue
        allowed = _TRY_AGAIN if call.status == 503 else _EXPECTED.get(call.verb, set())
        if call.error not in allowed:
            found[f"{call.verb} was answered with {call.status} {call.error}"] += 1
    yield from (f"{what}, {number} times" for what, number in found.items())


def without_faults_everything_goes_through(history: History) -> Iterator[str]:
    found: Counter[str] = Counter()
    for call in history.calls:
        if call.phase == "calm" and not call.definite:
            found[f"{call.verb}: {call.status} {call.error or call.trouble}"] += 1
    yield from (f"without any fault, {what}, {number} times" for what, number in found.items())


RULES = (
    claims_are_refused_for_a_reason,
    validations_say_what_is_so,
    customers_are_locked_out_for_guessing,
    guesses_end_with_a_lockout,
    caps_are_refused_below_the_claims,
    nothing_else_is_answered,
    without_faults_everything_goes_through,
)
