"""Codes are cancelled in bulk, and this is undone, while the same codes are claimed and
cancelled singly."""

from collections import Counter

import pytest

from promint.core.codes import cancellations, cancelling
from promint.core.models import Cancellation, Claim, Code, ListCounter
from tests.concurrency.rush import Action, rush
from tests.factories import ACTOR, a_batch, a_list, shown_codes
from tests.soundness import assert_every_invariant_holds

CODES = 120
LITTLE = 10  # codes in a step


def raced(codes: list[str]) -> list[Action]:
    """Actions on the codes in the order in which the steps reach them: each is claimed by two
    people, and some are cancelled by an agent."""
    actions: list[Action] = []
    for i, code in enumerate(codes):
        actions += [{"do": "claim", "code": code, "customer": f"cust-{i}-{n}"} for n in "ab"]
        if i % 10 == 0:
            actions.append({"do": "cancel", "code": code})
    return actions


def a_leaked_batch() -> tuple[list[str], Cancellation]:
    batch = a_batch(a_list(), CODES)
    asked = cancellations.request("leaked", ACTOR, batch_id=batch.public_id)
    return shown_codes(batch), asked


def work(steps: int = CODES) -> Action:
    return {"do": "work_on_cancellation", "steps": steps, "step_codes": LITTLE}


def test_each_code_is_claimed_once_or_cancelled_and_counted_exactly() -> None:
    codes, asked = a_leaked_batch()
    outcomes = Counter(rush([work(), *raced(codes)]))
    claims, cancelled = Claim.objects.count(), Code.objects.exclude(cancelled_at=None).count()
    assert claims == outcomes["claimed"]
    assert claims + cancelled == CODES
    done = cancellations.find(asked.public_id)
    assert done.status == "active"
    assert (
        done.cancelled + done.left.get("claimed", 0) + done.left.get("cancelled_already", 0)
        == CODES
    )
    counter = ListCounter.objects.get()
    assert (counter.claims, counter.cancelled, counter.available) == (claims, cancelled, 0)
    assert_every_invariant_holds()


def test_an_undo_frees_each_code_once_while_people_wait_for_it() -> None:
    codes, asked = a_leaked_batch()
    while asked.status == "pending":
        asked = cancelling.step(asked)
    cancellations.undo(asked.public_id, ACTOR)
    outcomes = Counter(rush([work(), *raced(codes)]))
    ended = cancellations.find(asked.public_id)
    assert ended.freed + ended.kept == CODES
    assert Claim.objects.count() == outcomes["claimed"]
    counter = ListCounter.objects.get()
    assert counter.cancelled == Code.objects.exclude(cancelled_at=None).count()
    assert_every_invariant_holds()


def test_of_several_workers_one_holds_the_cancellation() -> None:
    _, asked = a_leaked_batch()
    rush([work(steps=3) for _ in range(8)])
    found = cancellations.find(asked.public_id)
    assert found.cancelled == Code.objects.exclude(cancelled_at=None).count()
    assert found.cancelled % LITTLE == 0
    assert_every_invariant_holds()


@pytest.mark.usefixtures("breakable")
def test_without_the_lock_codes_are_claimed_and_cancelled_both() -> None:
    a_leaked_batch()
    rush([work()], without=("cancellation",))
    claimed = Claim.objects.filter(code__cancelled_at__isnull=False)
    assert claimed.exists()
