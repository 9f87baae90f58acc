"""Big tables can be spread over several nodes by Citus as docs/scaling.md says: what Citus demands
of a schema holds in the migrated one. Citus itself is not needed for this."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.databases import Cluster
from tests.integration.storage.test_schema import SPREAD_BY

DOCS = Path(__file__).parents[3] / "docs" / "scaling.md"
_SPREAD = re.compile(r"create_distributed_table\('(\w+)', '(\w+)'(?:, colocate_with => '(\w+)')?\)")
SAID = {table: (column, beside) for table, column, beside in _SPREAD.findall(DOCS.read_text())}
EVERYWHERE = set(re.findall(r"create_reference_table\('(\w+)'\)", DOCS.read_text()))


@pytest.fixture(autouse=True)
def _(on_postgresql: Cluster, database: None) -> None:
    """These tests ask PostgreSQL's own tables."""


def asked(statement: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def group(table: str) -> str:
    """The first of the tables that are spread together with this one."""
    beside = SAID[table][1]
    return table if beside in ("", "none") else group(beside)


def test_the_page_spreads_every_big_table_by_its_column() -> None:
    assert {table: column for table, (column, _) in SAID.items()} == SPREAD_BY
    assert {"core_promolist"} == EVERYWHERE


@pytest.mark.parametrize("table", SPREAD_BY)
def test_every_unique_index_contains_the_column_itself(table: str) -> None:
    indexes = asked(
        "SELECT i.indexrelid::regclass::text, array_agg(a.attname::text)"
        " FROM pg_index i CROSS JOIN unnest(i.indkey::int[]) number"
        " LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = number"
        " WHERE i.indrelid = %s::regclass AND i.indisunique GROUP BY 1",
        table,
    )
    assert indexes
    assert not [name for name, columns in indexes if SPREAD_BY[table] not in columns]


def foreign_keys() -> Iterator[tuple[str, list[str], str, list[str]]]:
    yield from asked(
        "SELECT c.conrelid::regclass::text, array_agg(a.attname::text),"
        " c.confrelid::regclass::text, array_agg(b.attname::text)"
        " FROM pg_constraint c CROSS JOIN unnest(c.conkey, c.confkey) AS k (own, other)"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own"
        " JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.other"
        " WHERE c.contype = 'f' GROUP BY c.oid, c.conrelid, c.confrelid"
    )


def test_foreign_keys_lead_to_rows_of_the_same_node() -> None:
    found = list(foreign_keys())
    assert "core_claim" in {table for table, *_ in found}
    for table, columns, other, others in found:
        if table in SAID and other not in EVERYWHERE:
            assert group(table) == group(other), (table, other)
            assert SPREAD_BY[table] in columns
            assert columns.index(SPREAD_BY[table]) == others.index(SPREAD_BY[other])
        elif table in EVERYWHERE:
            assert other in EVERYWHERE, (table, other)
        elif table not in SAID:
            assert other not in SAID, (table, other)


def test_tables_that_are_spread_together_have_the_same_kind_of_column() -> None:
    kinds: dict[str, set[Any]] = {}
    for table, column in SPREAD_BY.items():
        ((kind,),) = asked(
            "SELECT ROW(atttypid, atttypmod, attcollation)::text FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attname = %s",
            table,
            column,
        )
        kinds.setdefault(group(table), set()).add(kind)
    assert [first for first, found in kinds.items() if len(found) > 1] == []


@pytest.mark.parametrize("table", SPREAD_BY)
def test_a_spread_table_has_nothing_that_knows_one_node_only(table: str) -> None:
    assert not asked(
        "SELECT a.attname FROM pg_attribute a"
        " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND (a.attidentity <> ''"
        " OR a.attgenerated <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%%nextval%%')",
        table,
    )
    assert not asked(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", table
    )
    assert not asked(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'x'", table
    )
