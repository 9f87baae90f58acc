"""Generating codes: a batch has exactly as many as asked for, whatever collides, stops or is
taken over."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promint.core import codes, exports
from promint.core.codes import batches, generation
from promint.core.exports import rows
from promint.core.models import Batch, Code, ListCounter, PromoList
from promint.core.rules import codewords
from promint.core.storage import jobs, vendor
from promint.core.storage.clock import database_now
from promint.core.storage.jobs import LostLease
from promint.worker.generation import Generator
from tests.factories import ACTOR, a_batch, a_list, a_pending_batch, generate, let_go, shown_codes
from tests.soundness import assert_every_invariant_holds

CODES_OF_3 = sorted(set(codewords.random_codes(100_000, 3)))  # all possible ones


def tiny_list() -> PromoList:
    """A list with 784 possible codes: two random symbols and a check character. No verb would
    allow it."""
    promo_list = a_list()
    PromoList.objects.filter(id=promo_list.id).update(code_length=3)
    promo_list.refresh_from_db()
    return promo_list


def batch_of(promo_list: PromoList, quantity: int) -> Batch:
    """A batch that the check of quantities would refuse."""
    return batches.add(promo_list, ACTOR, quantity=quantity, name="", notify=[])


def values_of(batch: Batch) -> list[str]:
    return list(Code.objects.filter(batch=batch).order_by("value").values_list("value", flat=True))


@pytest.mark.parametrize("quantity", [1, 2, 999, vendor().chunk + 1])
def test_a_batch_has_exactly_as_many_codes_as_asked(quantity: int) -> None:
    batch = a_batch(a_list(code_prefix="SPR", code_length=10), quantity)
    values = values_of(batch)
    assert len(values) == batch.created == quantity
    assert all(len(value) == 13 and value.startswith("SPR") for value in values)
    assert not any(map(codewords.looks_mistyped, values))


@pytest.mark.parametrize("quantity", [50, 90])
def test_of_100_possible_codes_a_batch_gets_exactly_as_many_as_asked(quantity: int) -> None:
    others = batch_of(tiny_list(), len(CODES_OF_3) - 100)
    generation.finish(others, CODES_OF_3[100:])
    promo_list = tiny_list()
    batch = batch_of(promo_list, quantity)
    generate(batch)
    assert len(values_of(batch)) == quantity
    assert set(values_of(batch)) <= set(CODES_OF_3[:100])
    assert values_of(others) == CODES_OF_3[100:]
    assert ListCounter.objects.get(list=promo_list).codes == quantity


def test_a_batch_that_was_interrupted_gets_only_what_is_missing() -> None:
    batch = a_pending_batch(a_list(), 50)
    eleven = sorted(codewords.random_codes(11, 12))
    assert generation.store(batch, eleven) == 11
    generate(batch)
    values = values_of(batch)
    assert len(values) == 50
    assert set(eleven) <= set(values)
    assert batches.find(batch.public_id).created == 50


def test_the_last_code_of_a_batch_makes_it_active_and_no_other_does() -> None:
    batch = a_pending_batch(a_list(), 11)
    taken_before = sorted(codewords.random_codes(10, 12))
    generation.store(batch, taken_before)
    batch.refresh_from_db()
    assert not generation.finish(batch, taken_before[:1])
    assert (batches.find(batch.public_id).status, len(values_of(batch))) == ("pending", 10)
    assert_every_invariant_holds()
    let_go(batch)
    assert Generator().turn()
    assert batches.find(batch.public_id).status == "active"
    assert len(values_of(batch)) == ListCounter.objects.get().codes == 11


def test_codes_that_collide_are_not_counted() -> None:
    batch = a_pending_batch(a_list(), 50)
    some = sorted(codewords.random_codes(10, 12))
    assert generation.store(batch, some) == 10
    more = sorted([*some[:4], *codewords.random_codes(6, 12)])
    assert generation.store(batch, more) == 6
    assert batches.find(batch.public_id).created == len(values_of(batch)) == 16


def taken() -> Batch:
    batch = jobs.take(batches.waiting("generated").select_related("list"))
    assert batch is not None
    return batch


def test_a_worker_that_was_stopped_and_woken_writes_nothing_more() -> None:
    a_pending_batch(a_list(), 50)
    zombie = taken()
    let_go(zombie)
    other = taken()
    generation.store(other, sorted(codewords.random_codes(20, 12)))
    with pytest.raises(LostLease):
        generation.store(zombie, sorted(codewords.random_codes(10, 12)))
    assert Code.objects.count() == batches.find(other.public_id).created == 20
    with pytest.raises(LostLease):
        batches.fail(zombie, "out of date")
    jobs.put_back(zombie)
    assert batches.find(other.public_id).leased_until > database_now()


def test_a_worker_that_lost_the_lease_cannot_complete_a_batch() -> None:
    batch = a_pending_batch(a_list(), 10)
    zombie = taken()
    let_go(zombie)
    generate(batches.find(batch.public_id))
    with pytest.raises(LostLease):
        generation.store(zombie, sorted(codewords.random_codes(10, 12)))
    with pytest.raises(LostLease):
        generation.finish(zombie, [])
    assert Code.objects.count() == 10
    assert ListCounter.objects.get().codes == 10


def test_a_batch_that_a_worker_holds_is_not_taken_by_another() -> None:
    a_pending_batch(a_list(), 10)
    taken()
    assert jobs.take(batches.waiting("generated")) is None
    assert not Generator().turn()


def test_a_finished_batch_is_not_started_again() -> None:
    batch = a_batch(a_list(), 10)
    assert not Generator().turn()
    assert len(values_of(batch)) == 10


def test_a_small_batch_does_not_wait_for_a_big_one() -> None:
    big = a_pending_batch(a_list(), 2_000_000)
    generator = Generator()
    generator.turn()
    small = a_pending_batch(a_list(), 10)
    generator.turn()
    generator.turn()
    assert batches.find(small.public_id).status == "active"
    assert 0 < batches.find(big.public_id).created < big.quantity


def test_a_chunk_takes_a_few_queries_and_200_000_codes_go_beside_100_000() -> None:
    promo_list = a_list()
    for quantity in (100_000, 200_000):
        batch = a_pending_batch(promo_list, quantity)
        with CaptureQueriesContext(connection) as queries:
            generation.store(batch, sorted(codewords.random_codes(quantity // 10, 12)))
        assert len(queries) < 10
        generate(batch)
    assert ListCounter.objects.get(list=promo_list).codes == 300_000
    assert Code.objects.count() == 300_000
    assert_every_invariant_holds()


def test_the_codes_of_a_batch_are_read_page_by_page_in_order() -> None:
    batch = a_batch(a_list(), 25)
    read: list[str] = []
    while page := codes.of_batch(batch, read[-1] if read else "", 10):
        assert len(page) <= 10
        read += [state.value for state in page]
    assert read == values_of(batch)
    assert len(shown_codes(batch)) == 25


def test_a_page_of_a_fresh_batch_is_read_along_its_index_and_not_sorted() -> None:
    batch = a_batch(a_list(), 30_000)
    export = exports.request_batch(batch.public_id, "csv", ACTOR)
    with CaptureQueriesContext(connection) as queries:
        codes.of_batch(batch, "", 50)
        next(rows.pages(export))
    asked = [query["sql"] for query in queries]
    read = [sql for sql in asked if "core_code" in sql and "ORDER BY" in sql]
    assert len(read) == 2
    for sql in read:
        with connection.cursor() as cursor:
            cursor.execute(connection.ops.explain_query_prefix() + " " + sql)
            plan = str(cursor.fetchall())
        assert "INDEX" in plan.upper()
        assert "SORT" not in plan.upper()
        assert "TEMP B-TREE" not in plan.upper()
