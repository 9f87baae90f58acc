"""The claim writer of a process: attempts that wait are committed together, and answered after
the commit."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from promint.core.claiming import writer
from promint.core.claiming.claims import Attempt, Reply, Result
from promint.core.claiming.kept_answers import Answer
from promint.core.claiming.writer import MOST_TOGETHER, MOST_WAITING, ClaimWriter, Failure, Outcome
from promint.core.models import CallerHour, Claim, Customer, ListCounter
from promint.core.rules.rules import ListType, Verdict
from tests.factories import a_list, some_codes
from tests.servers import wait_until

ENOUGH = 60  # seconds
POISON = "\ud800"  # an unpaired surrogate, which no database accepts


def answer(result: Result) -> Answer:
    return Answer(201 if result.claim else 409, result.verdict.value.encode())


class Desk:
    """Submits attempts to a writer and notes the outcome of each, by ticket."""

    def __init__(self) -> None:
        self.outcomes: dict[Any, Outcome] = {}
        self.claims_when_settled: dict[Any, int] = {}
        self.writer = ClaimWriter(answer, self._settle)

    def _settle(self, settled: list[tuple[Any, Outcome]]) -> None:
        assert not connection.in_atomic_block
        for ticket, outcome in settled:
            self.claims_when_settled[ticket] = Claim.objects.count()
            self.outcomes[ticket] = outcome

    def submit(self, ticket: Any, code: str, customer: str) -> bool:
        return self.writer.submit(Attempt(code, customer, "key_1"), ticket)

    def wait(self, number: int) -> None:
        wait_until(lambda: len(self.outcomes) >= number, ENOUGH)

    def verdict(self, ticket: Any) -> Verdict | None:
        outcome = self.outcomes[ticket]
        assert isinstance(outcome, Reply), outcome
        return outcome.result and outcome.result.verdict


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    desk.writer.start()
    yield desk
    desk.writer.stop(ENOUGH)


@contextmanager
def counters_locked() -> Iterator[None]:
    """Lock the counters, so that nothing can be claimed in this block. On SQLite nothing at all
    can be written."""
    with transaction.atomic():
        list(ListCounter.objects.select_for_update())
        yield


def test_an_attempt_alone_is_committed_at_once_and_answered_after_that(desk: Desk) -> None:
    (code,) = some_codes(1)
    assert desk.submit("ticket", code, "cust-1")
    desk.wait(1)
    assert desk.verdict("ticket") is Verdict.CLAIMED
    assert desk.claims_when_settled == {"ticket": 1}


def test_what_arrives_during_a_commit_is_committed_together(desk: Desk) -> None:
    a_list(ListType.MULTI_USE, code="SpringSale")
    with counters_locked():
        for i in range(60):
            desk.submit(i, "springsale", f"cust-{i}")
    desk.wait(60)
    moments = {claim.claimed_at for claim in Claim.objects.all()}
    assert Claim.objects.count() == 60
    assert len(moments) <= 2  # the first attempt, and all the others
    assert desk.claims_when_settled[59] == 60


def test_attempts_are_judged_in_the_order_in_which_they_came(desk: Desk) -> None:
    (code,) = some_codes(1)
    with counters_locked():
        for i in range(20):
            desk.submit(i, code, f"cust-{i}")
    desk.wait(20)
    assert desk.verdict(0) is Verdict.CLAIMED
    assert {desk.verdict(i) for i in range(1, 20)} == {Verdict.CODE_ALREADY_CLAIMED}


def test_a_full_queue_takes_no_more_and_loses_nothing(desk: Desk) -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=1)
    taken = 0
    with counters_locked():
        while desk.submit(taken, "springsale", f"cust-{taken}"):
            taken += 1
            assert taken <= MOST_WAITING + MOST_TOGETHER
            assert desk.writer.has_little_room() or taken < MOST_WAITING / 2 + MOST_TOGETHER
            assert not desk.writer.has_little_room() or taken >= MOST_WAITING / 2
    assert taken >= MOST_WAITING
    desk.wait(taken)
    granted = [ticket for ticket in desk.outcomes if desk.verdict(ticket) is Verdict.CLAIMED]
    assert granted == [0]


def test_a_queue_that_was_full_has_little_room_for_a_moment_after_it_was_emptied(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "FULL_FOR", ENOUGH)
    taken = 0
    with counters_locked():
        while desk.submit(taken, "unknown", f"cust-{taken}"):
            taken += 1
    refused = time.monotonic()
    desk.wait(taken)
    assert desk.writer.has_little_room()
    monkeypatch.setattr(time, "monotonic", lambda: refused + ENOUGH)
    assert not desk.writer.has_little_room()


def test_an_attempt_that_cannot_be_judged_fails_alone(desk: Desk) -> None:
    codes = some_codes(9)
    with counters_locked():
        for i, code in enumerate(codes):
            desk.submit(i, code, f"cust-{POISON if i == 4 else i}")
    desk.wait(9)
    assert desk.outcomes.pop(4) is Failure.FAULT
    assert {desk.verdict(ticket) for ticket in desk.outcomes} == {Verdict.CLAIMED}
    assert Claim.objects.count() == 8


def test_stopping_settles_what_waits() -> None:
    desk = Desk()
    a_list(ListType.MULTI_USE, code="SpringSale")
    for i in range(MOST_TOGETHER + 10):
        desk.submit(i, "springsale", f"cust-{i}")
    desk.writer.start()
    desk.writer.stop(ENOUGH)
    assert len(desk.outcomes) == Claim.objects.count() == MOST_TOGETHER + 10
    assert "claim-writer" not in {thread.name for thread in threading.enumerate()}


def test_what_each_caller_tried_is_counted_by_the_hour() -> None:
    desk = Desk()
    (code,) = some_codes(1)
    desk.writer.start()
    for i, tried in enumerate([code, code, "unknown1", "unknown2"]):
        desk.submit(i, tried, f"cust-{i}")
    desk.writer.stop(ENOUGH)
    (hour,) = CallerHour.objects.all()
    assert (hour.owner, hour.attempts, hour.unknown) == ("key_1", 4, 2)


@contextmanager
def one_list_frozen(code: str) -> Iterator[None]:
    """Another transaction keeps the list of this code locked, as that of a frozen process would."""
    with transaction.atomic(), connection.cursor() as cursor:
        # PostgreSQL would end a transaction that is idle for so long.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        list(ListCounter.objects.select_for_update().filter(list__code=code))
        yield


def claim_beside_a_frozen_list(desk: Desk) -> None:
    """Claims of two lists in one group; one of the lists is frozen."""
    a_list(ListType.MULTI_USE, code="FrozenOne")
    a_list(ListType.MULTI_USE, code="OtherOne")
    with one_list_frozen("FROZENONE"):
        desk.submit("frozen", "FrozenOne", "cust-1")
        desk.submit("other", "OtherOne", "cust-2")
        desk.writer.start()
        wait_until(lambda: "other" in desk.outcomes, ENOUGH)
        assert "frozen" not in desk.outcomes
        desk.submit("later", "OtherOne", "cust-3")
        wait_until(lambda: "later" in desk.outcomes, ENOUGH)
        assert "frozen" not in desk.outcomes


@pytest.mark.usefixtures("on_postgresql")
def test_a_frozen_list_holds_no_claim_of_another_list_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "PATIENCE", ENOUGH)
    desk = Desk()
    claim_beside_a_frozen_list(desk)
    desk.wait(3)
    desk.writer.stop(ENOUGH)
    verdicts = {ticket: desk.verdict(ticket) for ticket in ("frozen", "other", "later")}
    assert set(verdicts.values()) == {Verdict.CLAIMED}, verdicts


@pytest.mark.usefixtures("on_postgresql")
def test_without_putting_aside_the_test_sees_that_all_are_held_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "HeldUp", NeverRaised)
    desk = Desk()
    with pytest.raises(AssertionError):
        claim_beside_a_frozen_list(desk)
    desk.writer.stop(ENOUGH)
    assert desk.outcomes == {"frozen": Failure.BUSY, "other": Failure.BUSY}


class NeverRaised(Exception):
    """Stands for the guard that is off."""


@pytest.mark.usefixtures("on_postgresql")
def test_a_frozen_customer_holds_no_other_customer_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "PATIENCE", ENOUGH)
    desk = Desk()
    a_list(ListType.MULTI_USE, code="OtherOne")
    Customer.objects.create(id="cust-2")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        list(Customer.objects.select_for_update())
        for i in range(5):
            desk.submit(i, "OtherOne", f"cust-{i}")
        desk.writer.start()
        wait_until(lambda: len(desk.outcomes) >= 4, ENOUGH)
        assert 2 not in desk.outcomes
    desk.wait(5)
    desk.writer.stop(ENOUGH)
    assert {desk.verdict(i) for i in range(5)} == {Verdict.CLAIMED}


@pytest.mark.usefixtures("on_postgresql")
def test_what_stays_frozen_for_too_long_is_told_that_the_server_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "PATIENCE", 0.5)
    desk = Desk()
    a_list(ListType.MULTI_USE, code="FrozenOne")
    with one_list_frozen("FROZENONE"):
        desk.submit("frozen", "FrozenOne", "cust-1")
        desk.writer.start()
        desk.wait(1)
    desk.writer.stop(ENOUGH)
    assert desk.outcomes == {"frozen": Failure.BUSY}
    assert not Claim.objects.exists()
