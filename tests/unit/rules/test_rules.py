"""The rules: which refusal applies first, and what state a list is in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from promint.core.rules.rules import (
    CUSTOMER_MESSAGES,
    Case,
    ListStatus,
    Verdict,
    judge,
    may_edit,
    status_at,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
BEFORE, DURING, AFTER = START - TICK, START, END
CLAIMABLE = Case(
    cancelled=False,
    claimed_by_customer=False,
    claimed_by_other=False,
    batch_active=True,
    starts_at=START,
    ends_at=END,
    entry_cap=10,
    claims=9,
)
YES_NO = (False, True)

# In the order of the interface: the first that applies is the answer.
REFUSALS = (
    (Verdict.TOO_MANY_ATTEMPTS, lambda locked_out, code, now: locked_out),
    (Verdict.CODE_NOT_FOUND, lambda locked_out, code, now: code is None),
    (Verdict.CODE_CANCELLED, lambda locked_out, code, now: code.cancelled),
    (Verdict.ALREADY_CLAIMED_BY_CUSTOMER, lambda locked_out, code, now: code.claimed_by_customer),
    (Verdict.CODE_ALREADY_CLAIMED, lambda locked_out, code, now: code.claimed_by_other),
    (Verdict.CODE_NOT_ACTIVE, lambda locked_out, code, now: now < START or not code.batch_active),
    (Verdict.CODE_EXPIRED, lambda locked_out, code, now: now >= END),
    (Verdict.CAP_REACHED, lambda locked_out, code, now: code.claims == code.entry_cap),
    (Verdict.CLAIMED, lambda locked_out, code, now: True),
)


def every_state() -> list[Case | None]:
    known = [
        Case(cancelled, by_customer, by_other, active, START, END, cap, 10)
        for cancelled, by_customer, by_other, active in product(YES_NO, repeat=4)
        for cap in (None, 10, 11)
    ]
    return [None, *known]


def test_of_all_refusals_that_apply_the_first_is_given() -> None:
    seen = set()
    for locked_out, code, now in product(YES_NO, every_state(), (BEFORE, DURING, AFTER)):
        expected = next(verdict for verdict, says in REFUSALS if says(locked_out, code, now))
        assert judge(locked_out, code, now) is expected, (locked_out, code, now)
        seen.add(expected)
    assert seen == {verdict for verdict, _ in REFUSALS}


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (START - TICK, Verdict.CODE_NOT_ACTIVE),
        (START, Verdict.CLAIMED),
        (END - TICK, Verdict.CLAIMED),
        (END, Verdict.CODE_EXPIRED),
    ],
)
def test_the_window_holds_its_start_and_not_its_end(now: datetime, verdict: Verdict) -> None:
    assert judge(False, CLAIMABLE, now) is verdict


def test_the_last_claim_under_the_cap_is_granted_and_the_next_is_not() -> None:
    assert judge(False, CLAIMABLE, DURING) is Verdict.CLAIMED
    assert judge(False, replace(CLAIMABLE, claims=10), DURING) is Verdict.CAP_REACHED


def test_every_refusal_of_a_claim_has_a_sentence_for_the_customer() -> None:
    without = {Verdict.CLAIMED, Verdict.IDEMPOTENCY_KEY_REUSED}
    assert set(CUSTOMER_MESSAGES) == set(Verdict) - without


@pytest.mark.parametrize(
    ("now", "cap", "claims", "status"),
    [
        (BEFORE, None, 0, ListStatus.PENDING),
        (START, None, 0, ListStatus.ACTIVE),
        (END - TICK, None, 10**9, ListStatus.ACTIVE),
        (END, None, 0, ListStatus.COMPLETED),
        (DURING, 10, 9, ListStatus.ACTIVE),
        (DURING, 10, 10, ListStatus.COMPLETED),
        (BEFORE, 10, 10, ListStatus.COMPLETED),
        (BEFORE, 10, 9, ListStatus.PENDING),
    ],
)
def test_the_status_of_a_list(
    now: datetime, cap: int | None, claims: int, status: ListStatus
) -> None:
    assert status_at(START, END, cap, claims, now) is status


def test_only_name_end_and_cap_may_be_edited() -> None:
    fields = {"name", "type", "starts_at", "ends_at", "timezone", "entry_cap", "outcomes", "code"}
    assert {field for field in fields if may_edit(field)} == {"name", "ends_at", "entry_cap"}
