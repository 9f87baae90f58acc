"""Other changes at the same moment as claims, or as each other."""

from collections import Counter
from datetime import timedelta

from promint.core import codes, lists
from promint.core.codes import batches
from promint.core.models import Claim, Code, ListCounter
from promint.core.rules.rules import ListType
from promint.core.storage.clock import database_now
from tests.concurrency.rush import rush
from tests.factories import a_list, a_pending_batch, some_codes
from tests.soundness import assert_every_invariant_holds


def test_of_a_claim_and_a_cancellation_at_the_same_moment_one_wins() -> None:
    raced = some_codes(40)
    actions = []
    for i, code in enumerate(raced):
        both = [
            {"do": "claim", "code": code, "customer": f"cust-{i}"},
            {"do": "cancel", "code": code},
        ]
        actions += both if i % 2 else reversed(both)
    outcomes = rush(actions, threads=20)
    winners = Counter()
    for i, code in enumerate(raced):
        outcome = set(outcomes[2 * i : 2 * i + 2])
        assert outcome in (
            {"claimed", "code_already_claimed"},
            {"cancelled", "code_cancelled"},
        )
        assert codes.find(code).status in outcome
        winners[codes.find(code).status] += 1
    assert sum(winners.values()) == 40
    assert_every_invariant_holds()


def test_a_cap_that_is_lowered_while_claims_go_on_is_never_passed() -> None:
    promo_list = a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=200)
    claims = [{"do": "claim", "code": "springsale", "customer": f"cust-{i}"} for i in range(120)]
    edits = [
        {"do": "edit", "list": promo_list.public_id, "entry_cap": cap} for cap in (60, 50, 40, 30)
    ]
    for place, change in zip((20, 40, 60, 80), edits, strict=True):
        claims.insert(place, change)
    outcomes = Counter(rush(claims))
    counter = ListCounter.objects.get()
    assert counter.entry_cap is not None
    assert counter.claims == outcomes["claimed"] <= counter.entry_cap
    assert outcomes["edited"] + outcomes["cap_below_claims"] == 4
    assert outcomes["claimed"] + outcomes["cap_reached"] == 120
    assert_every_invariant_holds()


def test_claims_lie_in_the_window_however_often_its_end_moves_meanwhile() -> None:
    promo_list = a_list()
    made = some_codes(120, promo_list)
    actions: list[dict[str, object]] = [
        {"do": "claim", "code": code, "customer": f"cust-{i}"} for i, code in enumerate(made)
    ]
    now = database_now()
    for i in range(30):
        ends_at = now if i % 2 else now + timedelta(hours=1)
        change = {"do": "end", "list": promo_list.public_id, "ends_at": ends_at.isoformat()}
        actions.insert(5 * i, change)
    outcomes = Counter(rush(actions))
    assert set(outcomes) <= {"claimed", "code_expired", "edited"}
    assert outcomes["edited"] == 30
    assert outcomes["claimed"] == Claim.objects.count()
    assert_every_invariant_holds()


def test_of_many_lists_that_want_one_code_at_once_one_is_created() -> None:
    outcomes = rush([{"do": "create", "code": "SpringSale"} for _ in range(16)], threads=4)
    assert Counter(outcomes)["code_exists"] == 15
    (created,) = [outcome for outcome in outcomes if outcome != "code_exists"]
    assert codes.find("springsale").facts.public_id == created
    assert lists.search(database_now()).count() == 1
    assert_every_invariant_holds()


def test_many_workers_make_every_batch_once() -> None:
    promo_list = a_list()
    asked = [a_pending_batch(promo_list, 500 + i) for i in range(6)]
    worked = rush([{"do": "generate", "turns": 6} for _ in range(4)], threads=1)
    assert sum(map(int, worked)) >= 6
    for batch in asked:
        found = batches.find(batch.public_id)
        assert (found.status, found.created) == ("active", batch.quantity)
    assert Code.objects.count() == sum(batch.quantity for batch in asked)
    assert_every_invariant_holds()


def test_claims_go_on_while_workers_generate_for_the_same_list() -> None:
    promo_list = a_list(entry_cap=100)
    made = some_codes(150, promo_list)
    a_pending_batch(promo_list, 60_000)
    actions: list[dict[str, object]] = [{"do": "generate", "turns": 20} for _ in range(2)]
    actions += [
        {"do": "claim", "code": code, "customer": f"cust-{i}"} for i, code in enumerate(made)
    ]
    outcomes = Counter(rush(actions))
    assert outcomes["claimed"] == 100
    assert outcomes["cap_reached"] == 50
    assert ListCounter.objects.get().codes == 60_150
    assert_every_invariant_holds()


def test_lists_that_share_a_key_space_never_take_more_of_it_than_there_is() -> None:
    """A list takes 13,492 codes of eight characters before a guess gets too easy."""
    sharing = [a_list(code_length=8).public_id for _ in range(16)]
    outcomes = Counter(rush([{"do": "ask", "list": one, "quantity": 13_000} for one in sharing]))
    assert outcomes == {"asked": 1, "keyspace_too_small": 15}
