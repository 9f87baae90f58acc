"""Claiming one code: every verdict, what a claim issues, and that a refusal issues nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.apps import apps

from promint.core import codes, customers, lists
from promint.core.claiming.claims import Attempt, Result, claim_many
from promint.core.codes import batches, generation
from promint.core.models import (
    Claim,
    ClaimHour,
    Customer,
    CustomerTag,
    IssuedOffer,
    ListCounter,
    PointsEntry,
    RefusedAttempt,
)
from promint.core.rules.rules import ListType, Verdict
from promint.core.storage.clock import database_now
from tests.factories import (
    ACTOR,
    a_batch,
    a_code,
    a_list,
    a_pending_batch,
    an_offer,
    claim,
    shown_codes,
    some_codes,
    third_party_codes,
)


def at(moment: datetime, code: str, customer: str = "cust-1") -> Result:
    (reply,) = claim_many([Attempt(code, customer, "key_1")], clock=lambda: moment)
    assert reply.result is not None
    return reply.result


def validate(code: str, customer: str = "cust-1") -> Result:
    return claim(code, customer, validate_only=True)


def rows() -> dict[str, int]:
    return {m.__name__: m.objects.count() for m in apps.get_app_config("core").get_models()}


def test_a_claim_issues_exactly_what_its_list_promises() -> None:
    coffee, tea = an_offer("Coffee"), an_offer("Tea")
    promo_list = a_list(
        points=250, offers=[tea.public_id, coffee.public_id], tags=["spring", "vip"]
    )
    shown = some_codes(1, promo_list)[0]
    result = claim(shown, "cust-1")
    value = codes.find(shown).value
    assert result.verdict is Verdict.CLAIMED
    assert result.claim is not None
    (made,) = Claim.objects.all()
    assert (made.id, made.code_id, made.customer) == (result.claim.id, value, "cust-1")
    assert (made.list_id, made.claimed_at) == (promo_list.id, result.now)
    (points,) = PointsEntry.objects.all()
    assert (points.customer, points.code, points.points) == ("cust-1", value, 250)
    assert set(IssuedOffer.objects.values_list("customer", "code", "offer_id")) == {
        ("cust-1", value, coffee.id),
        ("cust-1", value, tea.id),
    }
    assert set(CustomerTag.objects.values_list("customer", "tag")) == {
        ("cust-1", "spring"),
        ("cust-1", "vip"),
    }
    (customer,) = Customer.objects.all()
    assert (customer.id, customer.points, customer.claims) == ("cust-1", 250, 1)
    assert ListCounter.objects.get(list=promo_list).claims == 1
    assert [hour.claims for hour in ClaimHour.objects.filter(list=promo_list)] == [1]


def test_a_list_without_points_writes_no_ledger() -> None:
    claim(some_codes(1, a_list(points=None, tags=["spring"]))[0])
    assert not PointsEntry.objects.exists()
    assert customers.profile("cust-1").points == 0


def test_a_customer_has_a_tag_once_however_many_claims_issue_it() -> None:
    for code in some_codes(3, a_list(tags=["spring"])):
        claim(code)
    assert customers.profile("cust-1").tags == ["spring"]
    assert customers.profile("cust-1").points == 300


def cancelled_code() -> str:
    code = a_code()
    codes.cancel(code, "lost", ACTOR)
    return code


def code_claimed_by(customer: str) -> str:
    code = a_code()
    claim(code, customer)
    return code


def code_of_a_pending_batch() -> str:
    batch = a_pending_batch(a_list(), 2)
    generation.store(batch, ["BCDF2345"])
    return "BCDF-2345"


def code_of_a_failed_batch() -> str:
    batch = a_pending_batch(a_list(), 2)
    generation.store(batch, ["BCDF2345"])
    batches.fail(batch, "for a reason")
    return "BCDF-2345"


def code_of_a_full_list() -> str:
    first, second = some_codes(2, a_list(entry_cap=1))
    claim(first, "cust-9")
    return second


def code_of_a_list(starts_in: timedelta, ends_in: timedelta) -> Callable[[], str]:
    def make() -> str:
        promo_list = a_list(starts_in=starts_in, ends_in=timedelta(days=30))
        code = shown_codes(a_batch(promo_list, 1))[0]
        lists.edit(promo_list.public_id, {"ends_at": database_now() + ends_in}, ACTOR)
        return code

    return make


HOUR = timedelta(hours=1)
Case = tuple[Verdict, Callable[[], str]]
STATES: dict[str, Case] = {
    "available": (Verdict.CLAIMED, a_code),
    "unknown": (Verdict.CODE_NOT_FOUND, lambda: "BCDF-2345"),
    "not possible": (Verdict.CODE_NOT_FOUND, lambda: "!"),
    "empty": (Verdict.CODE_NOT_FOUND, lambda: ""),
    "not ASCII": (Verdict.CODE_NOT_FOUND, lambda: "ü" * 200),
    "cancelled": (Verdict.CODE_CANCELLED, cancelled_code),
    "one's own": (Verdict.ALREADY_CLAIMED_BY_CUSTOMER, lambda: code_claimed_by("cust-1")),
    "another's": (Verdict.CODE_ALREADY_CLAIMED, lambda: code_claimed_by("cust-9")),
    "not started": (Verdict.CODE_NOT_ACTIVE, code_of_a_list(HOUR, 2 * HOUR)),
    "of a pending batch": (Verdict.CODE_NOT_ACTIVE, code_of_a_pending_batch),
    "of a failed batch": (Verdict.CODE_NOT_ACTIVE, code_of_a_failed_batch),
    "expired": (Verdict.CODE_EXPIRED, code_of_a_list(-2 * HOUR, -HOUR)),
    "of a full list": (Verdict.CAP_REACHED, code_of_a_full_list),
}
REFUSED = {state: case for state, case in STATES.items() if case[0] is not Verdict.CLAIMED}


@pytest.mark.parametrize(("verdict", "make"), STATES.values(), ids=STATES)
def test_the_verdict_on_a_claim(verdict: Verdict, make: Callable[[], str]) -> None:
    assert claim(make(), "cust-1").verdict is verdict


@pytest.mark.parametrize(("verdict", "make"), STATES.values(), ids=STATES)
def test_a_validation_says_what_a_claim_would_say_and_changes_nothing(
    verdict: Verdict, make: Callable[[], str]
) -> None:
    code = make()
    before = rows()
    assert validate(code).verdict is verdict
    after = rows()
    after["GuessingCustomer"] = before["GuessingCustomer"]
    assert after == before
    assert claim(code).verdict is verdict


@pytest.mark.parametrize(("verdict", "make"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_changes_nothing_but_the_record_of_the_attempt(
    verdict: Verdict, make: Callable[[], str]
) -> None:
    code = make()
    before, counters = rows(), list(ListCounter.objects.order_by("list").values())
    claim(code)
    after = rows()
    for record in ("GuessingCustomer", "RefusedAttempt"):
        after[record] = before[record]
    assert after == before
    assert list(ListCounter.objects.order_by("list").values()) == counters


def test_the_refusal_of_a_code_that_one_has_names_the_earlier_claim() -> None:
    code = a_code()
    first = claim(code)
    assert first.claim is not None
    assert claim(code).earlier_claim_id == first.claim.id
    assert claim(code, "cust-2").earlier_claim_id is None


def test_the_window_holds_its_start_and_not_its_end() -> None:
    promo_list = a_list()
    first, second, third, fourth = some_codes(4, promo_list)
    tick = timedelta(microseconds=1)
    assert at(promo_list.starts_at - tick, first).verdict is Verdict.CODE_NOT_ACTIVE
    assert at(promo_list.starts_at, second).verdict is Verdict.CLAIMED
    assert at(promo_list.ends_at - tick, third).verdict is Verdict.CLAIMED
    assert at(promo_list.ends_at, fourth).verdict is Verdict.CODE_EXPIRED


def test_a_shared_code_is_claimed_once_by_each_of_many_customers() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale")
    assert [claim("springsale", f"cust-{i}").verdict for i in range(5)] == [Verdict.CLAIMED] * 5
    assert claim("SPRING SALE", "cust-3").verdict is Verdict.ALREADY_CLAIMED_BY_CUSTOMER
    assert Claim.objects.count() == 5
    assert ListCounter.objects.get().claims == 5


def test_a_shared_code_expires_for_customers_when_its_cap_is_reached() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=2)
    verdicts = [claim("springsale", f"cust-{i}").verdict for i in range(4)]
    assert verdicts == [Verdict.CLAIMED] * 2 + [Verdict.CAP_REACHED] * 2


def test_a_third_party_code_is_claimed_once() -> None:
    third_party_codes(a_list(ListType.THIRD_PARTY), ["20260065", "Gift-0001"])
    assert claim("2026 0065").verdict is Verdict.CLAIMED
    assert claim("20260065", "cust-2").verdict is Verdict.CODE_ALREADY_CLAIMED
    assert claim("gift0001", "cust-2").verdict is Verdict.CLAIMED


def test_a_higher_cap_lets_claims_go_on() -> None:
    promo_list = a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=1)
    claim("springsale", "cust-1")
    assert claim("springsale", "cust-2").verdict is Verdict.CAP_REACHED
    lists.edit(promo_list.public_id, {"entry_cap": 2}, ACTOR)
    assert claim("springsale", "cust-2").verdict is Verdict.CLAIMED
    lists.edit(promo_list.public_id, {"entry_cap": None}, ACTOR)
    assert claim("springsale", "cust-3").verdict is Verdict.CLAIMED


@pytest.mark.parametrize(
    "customer", ["a/b", " cust ", "CUST", "cust", "ünï-😀", "x" * 255, "%'\"\\"]
)
def test_a_customer_is_kept_as_sent(customer: str) -> None:
    claim(a_code(), customer)
    assert Claim.objects.get().customer == customer
    assert customers.profile(customer).claim_count == 1
    assert customers.profile(customer.swapcase() + "?").claim_count == 0


def test_sloppy_typing_finds_the_code() -> None:
    shown = a_code()
    sloppy = f"  {shown.lower().replace('-', ' – ')}\u200b"
    assert claim(sloppy).verdict is Verdict.CLAIMED
    assert claim(shown, "cust-2").verdict is Verdict.CODE_ALREADY_CLAIMED


def test_refused_attempts_take_at_most_16_rows_a_code_and_count_them_all() -> None:
    code = code_claimed_by("cust-0")
    for start in range(0, 300, 50):
        claim_many([Attempt(code, f"cust-{i + 1}", "key_1") for i in range(start, start + 50)])
    kept = RefusedAttempt.objects.filter(code=codes.find(code).value)
    assert kept.count() == 16
    assert sum(kept.values_list("tries", flat=True)) == 300
    assert set(kept.values_list("verdict", flat=True)) == {"code_already_claimed"}


def test_of_the_attempts_in_one_slot_the_latest_is_kept() -> None:
    code = code_claimed_by("cust-0")
    claim(code, "cust-1")
    codes_tried = RefusedAttempt.objects.get()
    claim(code, "cust-1")
    latest = RefusedAttempt.objects.get()
    assert latest.refused_at > codes_tried.refused_at
    assert latest.tries == 2
