"""The doctor passes a healthy database, names what is broken, and repairs only counters."""

from datetime import timedelta

import pytest

from promint.core import codes, doctor, lists
from promint.core.models import AuditEntry, Batch, ClaimHour, Customer, ListCounter
from promint.core.storage.clock import database_now
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes
from tests.integration.doctor import (  # noqa: F401 (they add to BREAKAGES)
    breakages_of_cancellations,
    breakages_of_handouts,
    breakages_of_reversals,
    breakages_of_webhooks,
)
from tests.integration.doctor.breakages import BREAKAGES, Story, execute, plain

NUMBERS = list(range(1, 15))  # of the invariants, as in the documentation


pytestmark = pytest.mark.usefixtures("breakable")


@pytest.fixture
def story(breakable: None) -> Story:
    return Story()


def broken() -> dict[int, str]:
    return {f.number: f.line for f in doctor.check() if not f.holds}


def test_a_database_in_which_all_went_well_passes(story: Story) -> None:
    findings = doctor.check()
    assert [f.number for f in findings] == NUMBERS
    assert [f.line for f in findings if not f.holds] == []


def test_an_empty_database_passes() -> None:
    assert broken() == {}


@pytest.mark.parametrize("name", BREAKAGES)
def test_the_doctor_names_what_is_broken(name: str, story: Story) -> None:
    numbers, breakage = BREAKAGES[name]
    breakage(story)
    assert set(broken()) == numbers, broken()


def test_every_invariant_is_broken_by_some_breakage() -> None:
    assert set(NUMBERS) == set().union(*(numbers for numbers, _ in BREAKAGES.values()))


def test_claims_count_in_the_window_as_it_was_when_they_were_made() -> None:
    promo_list = a_list(ends_in=timedelta(hours=1))
    first, second = shown_codes(a_batch(promo_list, 2))
    claim(first)
    ended = database_now()
    lists.edit(promo_list.public_id, {"ends_at": ended}, ACTOR)
    lists.edit(promo_list.public_id, {"ends_at": ended + timedelta(hours=2)}, ACTOR)
    claim(second)
    assert broken() == {}
    entries = AuditEntry.objects.filter(action="list.edited").order_by("created_at")
    between = [entry.created_at for entry in entries]
    execute(
        "UPDATE core_claim SET claimed_at = %s WHERE code = %s",
        plain(between[0] + (between[1] - between[0]) / 2),
        codes.find(second).value,
    )
    assert 8 in broken()


def test_the_line_of_an_invariant_says_what_is_wrong_and_how_much_more(story: Story) -> None:
    execute("DELETE FROM core_customertag")
    line = broken()[4]
    assert line.startswith("BROKEN  4 each claim issued what its list issues")
    assert f"claim of {story.claimed} by cust-1: the customer lacks the tag spring" in line


def test_repair_makes_every_counter_say_what_the_facts_are(story: Story) -> None:
    execute("UPDATE core_listcounter SET claims = claims + 3, codes = codes + 1, cancelled = 7")
    execute("UPDATE core_batch SET cancelled = 9")
    execute("UPDATE core_batch SET created = 2 WHERE status = 'pending'")
    execute("UPDATE core_claimhour SET claims = 40")
    execute("UPDATE core_customer SET points = 1, claims = 1 WHERE id = 'cust-1'")
    execute("DELETE FROM core_customer WHERE id = 'cust-2'")
    assert set(broken()) == {1, 4}
    doctor.repair(ACTOR)
    assert broken() == {}
    assert Customer.objects.get(id="cust-2").points == 100
    entry = AuditEntry.objects.get(action="counter.repaired", subject="customer cust-1")
    assert (entry.actor, entry.before, entry.after) == (
        ACTOR,
        {"points": 1, "claims": 1},
        {"points": 200, "claims": 2},
    )


def test_repair_of_a_healthy_database_changes_and_audits_nothing(story: Story) -> None:
    assert doctor.repair(ACTOR) == []
    assert not AuditEntry.objects.filter(action="counter.repaired").exists()


def test_repair_leaves_what_is_no_counter(story: Story) -> None:
    execute("DELETE FROM core_pointsentry WHERE code = %s", story.claimed)
    execute("DELETE FROM core_customertag WHERE tag = 'vip'")
    doctor.repair(ACTOR)
    assert set(broken()) == {4}


def test_repair_never_lifts_a_counter_past_its_cap(story: Story) -> None:
    execute("UPDATE core_listcounter SET claims = 1, entry_cap = 1 WHERE claims = 2")
    assert not [s for s in doctor.repair(ACTOR) if story.shared.public_id in s]
    assert ListCounter.objects.get(list=story.shared).claims == 1
    assert set(broken()) == {1, 2}


def test_a_worker_cannot_overwrite_a_repaired_batch(story: Story) -> None:
    fence = story.pending.fence
    execute("UPDATE core_batch SET created = 2 WHERE id = %s", story.pending.id)
    doctor.repair(ACTOR)
    assert Batch.objects.get(id=story.pending.id).fence == fence + 1


def test_repair_restores_hours_that_are_missing(story: Story) -> None:
    hours = set(ClaimHour.objects.values_list("list", "hour", "claims"))
    execute("DELETE FROM core_claimhour")
    doctor.repair(ACTOR)
    assert set(ClaimHour.objects.values_list("list", "hour", "claims")) == hours
