"""Idempotency keys: the same request has one effect and one answer, byte for byte."""

import secrets
from datetime import timedelta

from promint.core import codes, lists
from promint.core.claiming import kept_answers
from promint.core.claiming.claims import Attempt, Reply, Result, claim_many
from promint.core.claiming.kept_answers import Answer
from promint.core.models import Claim, GuessingCustomer, KeptAnswer
from promint.core.rules.limits import ANSWERS_KEPT, MANAGING_ANSWERS_KEPT
from promint.core.rules.rules import Verdict
from promint.core.storage.clock import database_now
from tests.factories import ACTOR, a_code, a_list, claim, some_codes

STATUSES = {Verdict.CLAIMED: 201, Verdict.CODE_NOT_FOUND: 404, Verdict.TOO_MANY_ATTEMPTS: 429}


def answer(result: Result) -> Answer:
    """An answer that differs each time, so that an equal one must be a kept one."""
    status = 200 if result.attempt.validate_only else STATUSES.get(result.verdict, 409)
    body = secrets.token_bytes(20)
    if result.claim is not None:
        body += result.claim.id.encode()
    return Answer(status, body, kept=status in (200, 201, 409))


def send(code: str, customer: str = "cust-1", key: str = "order-1", caller: str = "key_1") -> Reply:
    return send_together(Attempt(code, customer, caller, idempotency_key=key))[0]


def send_together(*attempts: Attempt) -> list[Reply]:
    return claim_many(attempts, answer)


def verdict(reply: Reply) -> Verdict | None:
    return reply.result and reply.result.verdict


def lock_out(customer: str) -> None:
    claim_many([Attempt(f"unknown{i}", customer, "key_1") for i in range(10)])
    assert claim("unknown", customer).verdict is Verdict.TOO_MANY_ATTEMPTS


def test_the_same_request_again_gets_the_same_bytes_and_has_no_effect() -> None:
    code = a_code()
    first, again = send(code), send(code)
    assert verdict(first) is Verdict.CLAIMED
    assert again.replayed
    assert again.answer == first.answer
    assert Claim.objects.count() == 1


def test_a_refusal_that_is_kept_comes_back_even_when_it_would_be_granted_now() -> None:
    promo_list = a_list(entry_cap=1)
    first, second = some_codes(2, promo_list)
    claim(first, "cust-9")
    refused = send(second)
    assert verdict(refused) is Verdict.CAP_REACHED
    lists.edit(promo_list.public_id, {"entry_cap": None}, ACTOR)
    assert send(second) == Reply(None, refused.answer)
    assert verdict(send(second, key="order-2")) is Verdict.CLAIMED


def test_an_answer_that_is_not_kept_is_found_out_anew() -> None:
    unknown = send("SPRINGSALE")
    assert verdict(unknown) is Verdict.CODE_NOT_FOUND
    assert not KeptAnswer.objects.exists()
    again = send("SPRINGSALE")
    assert not again.replayed
    assert again.answer != unknown.answer


def test_a_kept_answer_comes_back_to_a_customer_who_is_locked_out() -> None:
    code = a_code()
    first = send(code)
    lock_out("cust-1")
    guesses = GuessingCustomer.objects.get(customer="cust-1").locked_until
    assert send(code) == Reply(None, first.answer)
    assert GuessingCustomer.objects.get(customer="cust-1").locked_until == guesses


def test_a_lockout_is_not_kept() -> None:
    lock_out("cust-1")
    code = a_code()
    assert verdict(send(code)) is Verdict.TOO_MANY_ATTEMPTS
    assert not KeptAnswer.objects.exists()


def test_a_kept_answer_comes_back_after_the_code_is_gone_from_view() -> None:
    promo_list = a_list()
    code = some_codes(1, promo_list)[0]
    first = send(code)
    lists.edit(promo_list.public_id, {"ends_at": database_now()}, ACTOR)
    assert send(code) == Reply(None, first.answer)


def test_a_key_with_another_body_is_refused_and_changes_nothing() -> None:
    first, second = some_codes(2)
    kept = send(first)
    for reused in (send(second), send(first, "cust-2"), send(first.lower()), send("unknown")):
        assert verdict(reused) is Verdict.IDEMPOTENCY_KEY_REUSED
    assert Claim.objects.count() == 1
    assert not GuessingCustomer.objects.exists()
    assert send(first) == Reply(None, kept.answer)


def test_code_and_customer_are_compared_separately() -> None:
    send("SPRINGA", "bcust")
    claim_many([Attempt("SPRING", "Abcust", "key_1", idempotency_key="order-1")], answer)
    assert kept_answers.fingerprint("ab", "c") != kept_answers.fingerprint("a", "bc")
    assert kept_answers.fingerprint("1:a", "b") != kept_answers.fingerprint("1", ":ab")


def test_a_key_belongs_to_whom_it_was_sent_by() -> None:
    first, second = some_codes(2)
    assert verdict(send(first, caller="key_1")) is Verdict.CLAIMED
    assert verdict(send(second, caller="key_2")) is Verdict.CLAIMED
    assert send(first, caller="key_1").replayed
    assert send(second, caller="key_2").replayed


def test_without_a_key_nothing_is_kept() -> None:
    claim_many([Attempt(a_code(), "cust-1", "key_1")], answer)
    assert not KeptAnswer.objects.exists()


def test_the_same_request_twice_in_a_group_has_one_effect_and_equal_answers() -> None:
    attempt = Attempt(a_code(), "cust-1", "key_1", idempotency_key="order-1")
    first, *others = send_together(*[attempt] * 5)
    assert verdict(first) is Verdict.CLAIMED
    assert [other.answer for other in others] == [first.answer] * 4
    assert all(other.replayed for other in others)
    assert Claim.objects.count() == 1


def test_a_key_reused_in_the_same_group_is_refused() -> None:
    first, second = some_codes(2)
    one, other = send_together(
        Attempt(first, "cust-1", "key_1", idempotency_key="order-1"),
        Attempt(second, "cust-1", "key_1", idempotency_key="order-1"),
    )
    assert [verdict(one), verdict(other)] == [Verdict.CLAIMED, Verdict.IDEMPOTENCY_KEY_REUSED]


def test_an_answer_is_forgotten_after_30_days_and_no_sooner() -> None:
    code = a_code()
    send(code)
    kept_at = KeptAnswer.objects.get().kept_at
    assert kept_answers.forget_old(kept_at + ANSWERS_KEPT, 10) == 0
    assert kept_answers.forget_old(kept_at + ANSWERS_KEPT + timedelta(microseconds=1), 10) == 1
    assert verdict(send(code)) is Verdict.ALREADY_CLAIMED_BY_CUSTOMER


def test_only_so_many_answers_are_forgotten_at_a_time() -> None:
    for i, code in enumerate(some_codes(5)):
        send(code, key=f"order-{i}")
    later = database_now() + ANSWERS_KEPT + timedelta(seconds=1)
    assert [kept_answers.forget_old(later, 3) for _ in range(3)] == [3, 2, 0]


def test_the_code_of_a_kept_claim_cannot_be_cancelled() -> None:
    code = a_code()
    send(code)
    assert codes.find(code).status == "claimed"


def test_a_validation_has_a_key_of_its_own_for_a_day() -> None:
    code = a_code()
    asked = Attempt(code, "cust-1", "key_1", validate_only=True, idempotency_key="order-1")
    first, again = send_together(asked) + send_together(asked)
    assert verdict(first) is Verdict.CLAIMED
    assert again.replayed
    assert again.answer == first.answer
    assert verdict(send(code)) is Verdict.IDEMPOTENCY_KEY_REUSED, "sent to another path"
    assert Claim.objects.count() == 0
    after = database_now() + MANAGING_ANSWERS_KEPT
    assert kept_answers.forget_old(after + timedelta(seconds=1), 100) == 1
