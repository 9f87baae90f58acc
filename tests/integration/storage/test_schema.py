"""The migrated tables have keys by which they can be spread over several servers, and every
limit is a constraint."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import AutoField

from promint.core import codes
from promint.core.models import Code, ListCounter
from promint.core.rules.rules import ListType
from tests.factories import a_batch, a_code, a_list, a_pending_batch, claim

# Each big table, with the column by which it would be spread.
SPREAD_BY = {
    "core_code": "value",
    "core_claim": "code",
    "core_reversal": "code",
    "core_handout": "list_id",
    "core_bulkhandoutrow": "bulk_id",
    "core_cancelledcode": "code",
    "core_customer": "id",
    "core_pointsentry": "customer",
    "core_issuedoffer": "customer",
    "core_customertag": "customer",
    "core_keptanswer": "key",
    "core_guessingcustomer": "customer",
    "core_refusedattempt": "code",
    "core_filepiece": "name",
}
KEY_COLUMNS = {
    ("core_code", "value"),
    ("core_claim", "code"),
    ("core_claim", "customer"),
    ("core_reversal", "code"),
    ("core_reversal", "customer"),
    ("core_handout", "code"),
    ("core_handout", "recipient"),
    ("core_bulkhandoutrow", "code"),
    ("core_batchstock", "begins"),
    ("core_cancelledcode", "code"),
    ("core_cancellation", "at_code"),
    ("core_cancellation", "undo_at_code"),
    ("core_customer", "id"),
    ("core_pointsentry", "customer"),
    ("core_pointsentry", "code"),
    ("core_issuedoffer", "customer"),
    ("core_issuedoffer", "code"),
    ("core_customertag", "customer"),
    ("core_keptanswer", "key"),
    ("core_keptanswer", "owner"),
    ("core_guessingcustomer", "customer"),
    ("core_refusedattempt", "code"),
    ("core_refusedattempt", "customer"),
    ("core_auditentry", "subject"),
}


def constraints(table: str) -> dict[str, dict[str, object]]:
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, table)


def foreign_keys(table: str) -> set[tuple[str, str]]:
    """Each foreign key column, and the table to which it refers."""
    found = [c for c in constraints(table).values() if c["foreign_key"]]
    return {(c["columns"][0], c["foreign_key"][0]) for c in found}  # type: ignore[index]


def our_tables() -> list[str]:
    return [t for t in connection.introspection.table_names() if t.startswith("core_")]


@pytest.mark.parametrize("table", SPREAD_BY)
def test_every_unique_key_of_a_big_table_holds_the_column_it_is_spread_by(table: str) -> None:
    unique = [c["columns"] for c in constraints(table).values() if c["unique"] or c["primary_key"]]
    assert unique
    assert all(SPREAD_BY[table] in columns for columns in unique), unique  # type: ignore[operator]


def test_no_big_table_counts_its_rows_up() -> None:
    big = [m for m in apps.get_app_config("core").get_models() if m._meta.db_table in SPREAD_BY]
    assert len(big) == len(SPREAD_BY)
    for model in big:
        assert not [f for f in model._meta.fields if isinstance(f, AutoField)], model


def test_the_only_foreign_keys_of_big_tables_are_those_of_a_claim() -> None:
    found = {(table, *key) for table in SPREAD_BY for key in foreign_keys(table)}
    assert found == {
        ("core_claim", "code", "core_code"),
        ("core_claim", "list_id", "core_promolist"),
    }


def test_no_small_table_points_to_a_big_one_and_none_to_accounts() -> None:
    for table in set(our_tables()) - set(SPREAD_BY):
        pointed_to = {other for _, other in foreign_keys(table)}
        assert not pointed_to & set(SPREAD_BY), table
        assert all(other.startswith("core_") for other in pointed_to), table


def test_every_table_of_the_domain_is_either_big_or_known_to_be_small() -> None:
    small = {
        "core_agenthandouts",
        "core_auditentry",
        "core_batch",
        "core_batchstock",
        "core_bulkhandout",
        "core_callerhour",
        "core_cancellation",
        "core_claimhour",
        "core_delivery",
        "core_export",
        "core_formeroffername",
        "core_handoutcount",
        "core_listcounter",
        "core_listoffer",
        "core_mail",
        "core_offer",
        "core_promolist",
        "core_rejectedrow",
        "core_webhook",
    }
    assert set(our_tables()) == small | set(SPREAD_BY)


def test_codes_have_the_index_they_are_read_by_and_no_other() -> None:
    indexes = {tuple(c["columns"]) for c in constraints("core_code").values() if c["index"]}  # type: ignore[arg-type]
    assert ("batch_id", "value") in indexes
    assert indexes <= {("batch_id", "value"), ("value",)}


@pytest.mark.usefixtures("on_postgresql")
def test_keys_compare_byte_by_byte_and_have_no_second_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND collation_name = 'C'"
        )
        assert set(cursor.fetchall()) >= KEY_COLUMNS
        cursor.execute(
            "SELECT tablename, indexdef FROM pg_indexes"
            " WHERE schemaname = 'public' AND indexdef LIKE '%%_pattern_ops%%'"
        )
        assert not [row for row in cursor.fetchall() if row[0] in SPREAD_BY]


def test_there_are_no_triggers() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            if connection.vendor == "postgresql"
            else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        )
        assert cursor.fetchall() == []


def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO(), verbosity=0)


def test_every_model_has_its_table() -> None:
    tables = {model._meta.db_table for model in apps.get_app_config("core").get_models()}
    assert tables <= set(our_tables())


def refused(sql: str, *values: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_database_itself_holds_the_cap() -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=1)
    claim("springsale")
    refused("UPDATE core_listcounter SET claims = claims + 1")
    refused("UPDATE core_listcounter SET entry_cap = 0")
    assert ListCounter.objects.get().claims == 1


def test_the_database_itself_lets_a_code_be_claimed_once() -> None:
    code = a_code()
    claim(code)
    a_list(ListType.MULTI_USE, code="SpringSale")
    claim("springsale")
    copy = (
        "INSERT INTO core_claim (code, customer, list_id, id, claimed_at, single_use)"
        " SELECT code, %s, list_id, 'clm_1', claimed_at, single_use FROM core_claim"
        " WHERE code = %s"
    )
    refused(copy, "cust-2", codes.find(code).value)
    refused(copy, "cust-1", "SPRINGSALE")


def test_the_database_itself_refuses_a_claim_of_no_code() -> None:
    claim(a_code())
    refused("UPDATE core_claim SET code = 'NOTHING'")
    refused("DELETE FROM core_code")


def test_the_database_itself_keeps_a_batch_from_being_active_too_early_or_too_big() -> None:
    a_pending_batch(a_list(), 3)
    refused("UPDATE core_batch SET status = 'active'")
    refused("UPDATE core_batch SET created = 4")


def test_the_database_itself_keeps_codes_unique() -> None:
    a_batch(a_list(), 2)
    first, second = Code.objects.values_list("value", flat=True)
    refused("UPDATE core_code SET value = %s WHERE value = %s", first, second)


def test_the_database_itself_keeps_a_window_open() -> None:
    a_list()
    refused("UPDATE core_promolist SET ends_at = starts_at")
