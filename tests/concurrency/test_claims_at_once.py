"""Claims at the same moment, from many processes: neither one too many nor one too few succeeds."""

from collections import Counter

from promint.core.models import Claim, Customer, ListCounter
from promint.core.rules.rules import ListType
from tests.concurrency.rush import Action, rush
from tests.factories import a_list, some_codes
from tests.soundness import assert_every_invariant_holds


def claim(code: str, customer: object, **more: str) -> Action:
    return {"do": "claim", "code": code, "customer": f"cust-{customer}", **more}


def test_64_claimers_get_a_shared_code_exactly_as_often_as_its_cap_says() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=100)
    outcomes = rush([claim("springsale", i) for i in range(256)])
    assert Counter(outcomes) == {"claimed": 100, "cap_reached": 156}
    assert Claim.objects.count() == 100
    assert_every_invariant_holds()


def test_64_claimers_get_different_codes_of_a_list_exactly_as_often_as_its_cap_says() -> None:
    codes = some_codes(256, a_list(entry_cap=100))
    outcomes = rush([claim(code, i) for i, code in enumerate(codes)])
    assert Counter(outcomes) == {"claimed": 100, "cap_reached": 156}
    assert ListCounter.objects.get().claims == 100
    assert_every_invariant_holds()


def test_of_64_who_want_one_code_one_gets_it() -> None:
    (code,) = some_codes(1)
    outcomes = rush([claim(code, i) for i in range(64)])
    assert Counter(outcomes) == {"claimed": 1, "code_already_claimed": 63}
    assert_every_invariant_holds()


def test_without_a_cap_nobody_is_turned_away() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale")
    outcomes = rush([claim("springsale", i) for i in range(64)])
    assert Counter(outcomes) == {"claimed": 64}
    assert ListCounter.objects.get().claims == 64
    assert_every_invariant_holds()


def test_of_two_codes_of_a_list_with_a_cap_of_one_one_is_claimed() -> None:
    pairs = [some_codes(2, a_list(entry_cap=1)) for _ in range(20)]
    outcomes = rush(
        [claim(code, f"{i}-{j}") for i, pair in enumerate(pairs) for j, code in enumerate(pair)],
        threads=10,
    )
    for first in range(0, len(outcomes), 2):
        assert Counter(outcomes[first : first + 2]) == {"claimed": 1, "cap_reached": 1}
    assert_every_invariant_holds()


def test_a_customer_who_claims_many_codes_at_once_gets_the_points_of_all() -> None:
    lists = [a_list(points=10, tags=["spring"]) for _ in range(16)]
    outcomes = rush([claim(code, 1) for row in lists for code in some_codes(2, row)])
    assert Counter(outcomes) == {"claimed": 32}
    assert Customer.objects.get().points == 320
    assert_every_invariant_holds()


def test_a_guesser_with_many_connections_has_ten_guesses_all_the_same() -> None:
    outcomes = rush([claim(f"unknown{i}", 1) for i in range(48)], threads=12)
    assert Counter(outcomes) == {"code_not_found": 10, "too_many_attempts": 38}


def test_one_idempotency_key_sent_at_once_has_one_effect_and_one_answer() -> None:
    (code,) = some_codes(1)
    outcomes = rush([claim(code, 1, key="order-1") for _ in range(200)])
    ways, answers = zip(*(outcome.split() for outcome in outcomes), strict=True)
    assert Counter(ways) == {"claimed": 1, "replayed": 199}
    assert len(set(answers)) == 1
    assert Claim.objects.count() == 1
