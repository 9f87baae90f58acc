"""Rows as they are sent to the database and come back."""

import secrets
from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from promint.core.models import Customer
from promint.core.storage import Insert, Row, ask, ask_now, database_now, select, sent_together

UGLY = [
    "",
    " ",
    '"',
    "\\",
    '\\"',
    "{a,b}",
    "NULL",
    "null",
    "a,b",
    '","',
    "'",
    "%s",
    "ü\n\t😀",
    "\\x41",
]
_CUSTOMERS = Insert("core_customer", {"id": "text", "points": "bigint", "claims": "bigint"})
_ENTRIES = Insert(
    "core_guessingcustomer",
    {
        "customer": "text",
        "recent": "jsonb",
        "locked_until": "timestamptz",
        "lockouts": "integer",
        "guessed_at": "timestamptz",
    },
)
_FOUND = "SELECT id FROM core_customer WHERE id IN {values}"


def customers(*names: str) -> None:
    _CUSTOMERS.many([(name, 0, 0) for name in names])


def test_all_texts_are_stored_and_found_as_they_are() -> None:
    customers(*UGLY)
    assert set(Customer.objects.values_list("id", flat=True)) == set(UGLY)
    for text in UGLY:
        assert select(_FOUND, [text]) == [(text,)]
    assert sorted(select(_FOUND, UGLY)) == sorted((text,) for text in UGLY)


def test_numbers_times_and_nothing_are_stored_as_they_are() -> None:
    at = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
    _ENTRIES.many([("one", "[]", None, 0, at), ("two", '["\\""]', at, 2**31 - 1, at)])
    sql = "SELECT lockouts FROM core_guessingcustomer WHERE lockouts IN {values}"
    assert sorted(select(sql, [0, 2**31 - 1, 5])) == [(0,), (2**31 - 1,)]
    sql = "SELECT locked_until IS NULL FROM core_guessingcustomer WHERE customer IN {values}"
    assert [bool(missing) for (missing,) in select(sql, ["one"])] == [True]


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_what_is_no_text_is_refused(text: str) -> None:
    if connection.vendor == "postgresql":
        with pytest.raises((DataError, UnicodeEncodeError)):
            customers("before", text)
        assert not Customer.objects.exists()


def test_what_is_sent_together_runs_in_its_order() -> None:
    with transaction.atomic(), sent_together():
        before = ask_now()
        customers("one")
        found = ask(_FOUND, ["one", "two"])
        customers("two")
        after = ask_now()
    assert found() == [("one",)]
    assert before() <= after() <= database_now()
    assert Customer.objects.count() == 2


def one_after_the_other(*names: str) -> None:
    with transaction.atomic(), sent_together():
        for name in names:
            customers(name)


def test_after_a_failure_nothing_that_was_sent_with_it_happens() -> None:
    customers("one")
    with pytest.raises(IntegrityError):
        one_after_the_other("two", "one", "three")
    assert list(Customer.objects.values_list("id", flat=True)) == ["one"]
    assert select(_FOUND, ["one"]) == [("one",)]  # the connection is usable


@pytest.mark.usefixtures("on_postgresql")
@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_what_cannot_be_sent_together_leaves_the_connection_usable(text: str) -> None:
    with pytest.raises((DataError, UnicodeEncodeError)):
        one_after_the_other("one", text)
    one_after_the_other("one", "two")
    assert Customer.objects.count() == 2


def added_and_found(name: str) -> list[Row]:
    with transaction.atomic(), sent_together():
        customers(name)
        found = ask(_FOUND + " AND id <> ''", [name])
    return found()


def test_a_statement_that_was_new_when_it_failed_can_be_sent_again() -> None:
    customers("one")
    for _ in range(2):
        with pytest.raises(IntegrityError):
            added_and_found("one")
    assert added_and_found("two") == [("two",)]


@pytest.mark.usefixtures("on_postgresql")
def test_after_a_rollback_statements_are_prepared_again() -> None:
    """The driver deallocates all statements after a rollback if it has prepared one of its own."""
    one_after_the_other("one")
    for _ in range(6):
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM core_customer WHERE id = %s", ["one"])
    with pytest.raises(IntegrityError):
        one_after_the_other("two", "one")
    one_after_the_other("three")
    assert set(Customer.objects.values_list("id", flat=True)) == {"one", "three"}


@pytest.mark.usefixtures("on_postgresql")
def test_failures_leave_nothing_prepared_behind() -> None:
    customers("one")
    ours = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE %s"
    for _ in range(9):  # the driver prepares what it has seen five times
        with pytest.raises(IntegrityError):
            added_and_found("one")
        with connection.cursor() as cursor:
            cursor.execute(ours, ["promint%"])
            assert cursor.fetchone() == (0,)


@pytest.mark.usefixtures("on_postgresql")
def test_what_the_driver_prepared_outlives_a_rollback_of_nothing() -> None:
    customers("one")
    for _ in range(9):
        one_after_the_other(f"new {secrets.token_hex(4)}")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        assert Customer.objects.count() > 1
