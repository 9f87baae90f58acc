"""Attempts that are judged together: each takes into account what those before it did."""

from collections.abc import Sequence

from promint.core.claiming.claims import Attempt, Result, claim_many
from promint.core.models import Claim, Customer, ListCounter
from promint.core.rules.rules import ListType, Verdict
from tests.factories import a_list, some_codes
from tests.soundness import assert_every_invariant_holds


def together(attempts: Sequence[tuple[str, str]], validate_only: bool = False) -> list[Result]:
    replies = claim_many([Attempt(*attempt, "key_1", validate_only) for attempt in attempts])
    return [reply.result for reply in replies if reply.result is not None]


def verdicts(results: list[Result]) -> list[Verdict]:
    return [result.verdict for result in results]


def test_of_many_who_want_one_code_the_first_in_the_group_gets_it() -> None:
    (code,) = some_codes(1)
    results = together([(code, f"cust-{i}") for i in range(5)])
    assert verdicts(results) == [Verdict.CLAIMED] + [Verdict.CODE_ALREADY_CLAIMED] * 4
    assert Claim.objects.get().customer == "cust-0"


def test_the_cap_holds_inside_a_group_over_different_codes_of_a_list() -> None:
    promo_list = a_list(entry_cap=3)
    codes = some_codes(10, promo_list)
    results = together([(code, f"cust-{i}") for i, code in enumerate(codes)])
    assert verdicts(results) == [Verdict.CLAIMED] * 3 + [Verdict.CAP_REACHED] * 7
    assert ListCounter.objects.get(list=promo_list).claims == 3


def test_the_cap_holds_inside_a_group_over_a_shared_code() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=100)
    results = together([("springsale", f"cust-{i}") for i in range(150)])
    assert verdicts(results) == [Verdict.CLAIMED] * 100 + [Verdict.CAP_REACHED] * 50


def test_a_customer_who_sends_twice_in_a_group_claims_once() -> None:
    (code,) = some_codes(1)
    first, second = together([(code, "cust-1"), (code.lower(), "cust-1")])
    assert first.claim is not None
    assert second.verdict is Verdict.ALREADY_CLAIMED_BY_CUSTOMER
    assert second.earlier_claim_id == first.claim.id


def test_the_balance_of_a_customer_grows_by_all_claims_of_a_group() -> None:
    codes = some_codes(4, a_list(points=25))
    together([(code, "cust-1") for code in codes])
    customer = Customer.objects.get(id="cust-1")
    assert (customer.points, customer.claims) == (100, 4)


def test_each_list_of_a_group_counts_its_own_claims() -> None:
    first, second = a_list(entry_cap=2), a_list(ListType.MULTI_USE, code="SpringSale")
    attempts = [(code, f"cust-{i}") for i, code in enumerate(some_codes(3, first))]
    attempts += [("springsale", f"cust-{i}") for i in range(4)]
    attempts.append(("unknown", "cust-7"))
    results = together(attempts)
    assert verdicts(results) == [
        *[Verdict.CLAIMED] * 2,
        Verdict.CAP_REACHED,
        *[Verdict.CLAIMED] * 4,
        Verdict.CODE_NOT_FOUND,
    ]
    assert ListCounter.objects.get(list=first).claims == 2
    assert ListCounter.objects.get(list=second).claims == 4
    assert_every_invariant_holds()


def test_a_validation_after_a_claim_in_the_same_group_sees_it() -> None:
    (code,) = some_codes(1)
    claimed, validated = claim_many(
        [Attempt(code, "cust-1", "key_1"), Attempt(code, "cust-2", "key_1", validate_only=True)]
    )
    assert claimed.result is not None
    assert validated.result is not None
    assert claimed.result.verdict is Verdict.CLAIMED
    assert validated.result.verdict is Verdict.CODE_ALREADY_CLAIMED


def test_validations_leave_the_code_to_those_who_claim() -> None:
    (code,) = some_codes(1)
    together([(code, "cust-1")] * 3, validate_only=True)
    assert verdicts(together([(code, "cust-2")])) == [Verdict.CLAIMED]


def test_an_empty_group_gets_no_replies() -> None:
    assert claim_many([]) == []


def test_replies_stand_in_the_order_of_the_attempts() -> None:
    codes = some_codes(20)
    attempts = [(code, f"cust-{i}") for i, code in enumerate(reversed(codes))]
    results = together(attempts)
    assert [(r.attempt.code, r.attempt.customer) for r in results] == attempts
