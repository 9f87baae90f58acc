"""Controls: with a guard (a lock or a constraint) switched off, the same rush breaks what otherwise
holds.

This shows that the rush can find the race, and that each guard works without the other.
"""

from collections import Counter

import pytest

from promint.core import doctor
from promint.core.models import Claim, ListCounter
from promint.core.rules.rules import ListType
from tests.concurrency.rush import Action, rush
from tests.factories import a_list, some_codes
from tests.integration.doctor.breakages import without_constraints

pytestmark = pytest.mark.usefixtures("breakable")

CAP = 20


def shared_code() -> list[Action]:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=CAP)
    return [{"do": "claim", "code": "springsale", "customer": f"cust-{i}"} for i in range(64)]


def one_code() -> list[Action]:
    (code,) = some_codes(1)
    return [{"do": "claim", "code": code, "customer": f"cust-{i}"} for i in range(32)]


def broken() -> set[int]:
    return {finding.number for finding in doctor.check() if not finding.holds}


def test_without_lock_and_constraint_the_cap_is_passed() -> None:
    actions = shared_code()
    without_constraints("core_listcounter")
    outcomes = Counter(rush(actions, without=("lock",)))
    assert outcomes["claimed"] > CAP
    assert Claim.objects.count() > CAP
    assert 2 in broken()


def test_without_the_lock_the_constraint_still_holds_the_cap() -> None:
    outcomes = Counter(rush(shared_code(), without=("lock",)))
    assert outcomes["claimed"] == CAP
    assert ListCounter.objects.get().claims == CAP


def test_without_the_judge_the_constraint_still_holds_the_cap() -> None:
    outcomes = Counter(rush(shared_code(), without=("judge",)))
    assert outcomes == {"claimed": CAP, "collision": 64 - CAP}
    assert Claim.objects.count() == CAP
    assert broken() == set()


def test_without_judge_and_constraint_the_cap_is_passed() -> None:
    actions = shared_code()
    without_constraints("core_listcounter")
    assert Counter(rush(actions, without=("judge",))) == {"claimed": 64}
    assert 2 in broken()


def test_without_lock_and_constraint_a_single_use_code_is_claimed_twice() -> None:
    actions = one_code()
    without_constraints("core_claim")
    outcomes = Counter(rush(actions, threads=8, without=("lock",)))
    assert outcomes["claimed"] > 1
    assert 3 in broken()


def test_without_the_lock_the_index_still_lets_one_claim_a_single_use_code() -> None:
    rush(one_code(), threads=8, without=("lock",))
    assert Claim.objects.count() == 1


def test_without_the_judge_the_index_still_lets_one_claim_a_single_use_code() -> None:
    outcomes = Counter(rush(one_code(), threads=8, without=("judge",)))
    assert outcomes == {"claimed": 1, "collision": 31}
    assert Claim.objects.count() == 1
    assert broken() == set()
