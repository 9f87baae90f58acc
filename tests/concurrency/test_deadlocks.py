"""What the database does to transactions that meet, and what happens to the verbs in them."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from promint.core.models import ListCounter, Offer
from promint.core.storage import on_postgresql
from promint.core.storage.transactions import Busy, durable
from tests.factories import a_list, an_offer


def in_threads(*verbs: Callable[[], object]) -> list[object]:
    """What each verb returned or raised."""
    results: list[object] = [None] * len(verbs)

    def run(place: int, verb: Callable[[], object]) -> None:
        try:
            results[place] = verb()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.usefixtures("on_postgresql")
def test_of_two_verbs_in_a_deadlock_one_is_run_again() -> None:
    first, second = a_list().id, a_list().id
    both_have_one = threading.Barrier(2)
    runs: list[int] = []

    def lock(one: int, other: int) -> Callable[[], object]:
        met = False

        @durable
        def verb() -> str:
            nonlocal met
            runs.append(one)
            ListCounter.objects.select_for_update().get(list=one)
            if not met:
                met = True
                both_have_one.wait(30)
            ListCounter.objects.select_for_update().get(list=other)
            return "done"

        return verb

    assert in_threads(lock(first, second), lock(second, first)) == ["done", "done"]
    assert len(runs) == 3


def test_a_verb_that_waits_too_long_for_a_lock_says_that_the_database_is_busy() -> None:
    promo_list = a_list()

    @durable
    def verb() -> None:
        ListCounter.objects.select_for_update().get(list=promo_list)

    with transaction.atomic():
        if on_postgresql():  # it would end a transaction that is idle for so long
            connection.cursor().execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        list(ListCounter.objects.select_for_update())
        (result,) = in_threads(verb)
    assert isinstance(result, Busy)
    assert in_threads(verb) == [None]


def test_a_verb_that_fails_leaves_nothing_behind() -> None:
    @durable
    def verb() -> None:
        Offer.objects.create(name="Coffee")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        verb()
    assert not Offer.objects.exists()


def test_a_verb_inside_another_is_a_defect() -> None:
    @durable
    def verb() -> None:
        an_offer()

    with pytest.raises(RuntimeError, match="durable"):
        verb()
    assert not Offer.objects.exists()


def test_a_violated_constraint_is_not_tried_again() -> None:
    runs: list[int] = []
    offer = an_offer()

    @durable
    def verb() -> None:
        runs.append(1)
        Offer(id=offer.id, name="Twin").save(force_insert=True)

    with pytest.raises(IntegrityError):
        verb()
    assert runs == [1]
