"""Customers who try unknown codes are counted in the transaction of the claims, locked out, and
let in again."""

from datetime import datetime, timedelta

import pytest

from promint.core.claiming import guessing
from promint.core.claiming.claims import Attempt, Result, claim_many
from promint.core.models import AuditEntry, GuessingCustomer, RefusedAttempt
from promint.core.rules.rules import Verdict
from promint.core.storage.clock import database_now
from tests.factories import ACTOR, a_code, claim

MINUTE = timedelta(minutes=1)


def guess(
    times: int, customer: str = "cust-1", now: datetime | None = None, validate_only: bool = False
) -> list[Verdict]:
    return [
        _try(f"unknown{i}", customer, now or database_now(), validate_only).verdict
        for i in range(times)
    ]


def _try(code: str, customer: str, now: datetime, validate_only: bool = False) -> Result:
    attempt = Attempt(code, customer, "key_1", validate_only)
    (reply,) = claim_many([attempt], clock=lambda: now)
    assert reply.result is not None
    return reply.result


@pytest.mark.parametrize("validate_only", [False, True])
def test_ten_unknown_codes_lock_a_customer_out_of_every_code(validate_only: bool) -> None:
    code = a_code()
    assert guess(10, validate_only=validate_only) == [Verdict.CODE_NOT_FOUND] * 10
    refused = claim(code)
    assert refused.verdict is Verdict.TOO_MANY_ATTEMPTS
    assert refused.locked_until is not None
    assert timedelta() < refused.locked_until - refused.now <= 15 * MINUTE
    assert claim(code, validate_only=True).verdict is Verdict.TOO_MANY_ATTEMPTS


def test_nine_unknown_codes_lock_nobody_out() -> None:
    guess(9)
    assert claim(a_code()).verdict is Verdict.CLAIMED


def test_the_lockout_begins_inside_a_group() -> None:
    attempts = [Attempt(f"unknown{i}", "cust-1", "key_1") for i in range(12)]
    replies = claim_many([*attempts, Attempt(a_code(), "cust-1", "key_1")])
    verdicts = [reply.result and reply.result.verdict for reply in replies]
    assert verdicts == [Verdict.CODE_NOT_FOUND] * 10 + [Verdict.TOO_MANY_ATTEMPTS] * 3


def test_other_customers_are_not_locked_out() -> None:
    guess(10)
    assert claim(a_code(), "cust-2").verdict is Verdict.CLAIMED


def test_a_text_that_cannot_be_a_code_counts_like_an_unknown_code() -> None:
    for _ in range(10):
        claim("!")
    assert claim(a_code()).verdict is Verdict.TOO_MANY_ATTEMPTS


def test_refusals_of_known_codes_do_not_count() -> None:
    code = a_code()
    claim(code, "cust-2")
    for _ in range(20):
        assert claim(code).verdict is Verdict.CODE_ALREADY_CLAIMED
    assert not GuessingCustomer.objects.exists()


def test_the_lockout_ends_after_a_quarter_of_an_hour_and_doubles_the_next_time() -> None:
    code, noon = a_code(), database_now()
    guess(10, now=noon)
    assert _try(code, "cust-1", noon + 15 * MINUTE - timedelta(seconds=1)).verdict is (
        Verdict.TOO_MANY_ATTEMPTS
    )
    later = noon + 15 * MINUTE
    guess(10, now=later)
    assert _try(code, "cust-1", later + 29 * MINUTE).verdict is Verdict.TOO_MANY_ATTEMPTS
    assert _try(code, "cust-1", later + 30 * MINUTE).verdict is Verdict.CLAIMED


def test_attempts_during_a_lockout_change_nothing() -> None:
    code = a_code()
    guess(10)
    before = GuessingCustomer.objects.values().get()
    guess(20)
    claim(code)
    assert GuessingCustomer.objects.values().get() == before
    assert not RefusedAttempt.objects.exists()


def test_a_member_of_the_staff_lifts_a_lockout() -> None:
    guess(10)
    assert guessing.locked_until("cust-1") is not None
    assert guessing.lift("cust-1", ACTOR)
    assert guessing.locked_until("cust-1") is None
    assert claim(a_code()).verdict is Verdict.CLAIMED
    entry = AuditEntry.objects.get(action="lockout.lifted")
    assert (entry.actor, entry.subject) == (ACTOR, "cust-1")


def test_lifting_a_lockout_that_does_not_exist_changes_nothing() -> None:
    guess(9)
    assert not guessing.lift("cust-1", ACTOR)
    assert not AuditEntry.objects.filter(action="lockout.lifted").exists()
    assert not GuessingCustomer.objects.exists()


def test_guesses_that_no_longer_matter_are_forgotten() -> None:
    guess(10)
    now = GuessingCustomer.objects.get().guessed_at
    assert guessing.forget_old(now + timedelta(days=2), 100) == 0
    assert guessing.forget_old(now + timedelta(days=2, seconds=1), 100) == 1
    assert not GuessingCustomer.objects.exists()
