"""How PostgreSQL finds rows while claims are written."""

import pytest
from django.db import connection, transaction

from promint.core.claiming import Attempt, claim_many, issuing
from promint.core.rules import ListType
from promint.core.storage import joined
from tests.factories import a_list, some_codes

pytestmark = pytest.mark.usefixtures("on_postgresql")
GROUPS, TOGETHER = 8, 10
READING = 2  # times that a group reads codes itself, of which there are so few here that it scans


def scans_of_codes() -> int:
    """How often all codes are looked at for claims, in a table so small that this seems best."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM core_code")  # what earlier tests deleted makes the table larger
        codes = some_codes(GROUPS * TOGETHER)
        cursor.execute("ANALYZE core_code")
    with transaction.atomic(), joined():
        for n in range(0, len(codes), TOGETHER):
            claim_many([Attempt(code, "cust-1", "key_1") for code in codes[n : n + TOGETHER]])
        with connection.cursor() as cursor:
            sql = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'core_code'"
            cursor.execute(sql)
            scans: int = cursor.fetchone()[0]
            return scans


def test_a_claim_is_never_checked_by_a_plan_that_scans_all_codes() -> None:
    assert scans_of_codes() <= GROUPS * READING


def test_without_kept_plans_the_test_sees_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "keep_plans", lambda: None)
    assert scans_of_codes() > GROUPS * TOGETHER


def scans(table: str) -> int:
    """Over the whole table. Those of transactions before may be among them."""
    with connection.cursor() as cursor:
        sql = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = %s"
        cursor.execute(sql, [table])
        return int(cursor.fetchone()[0])


def test_a_code_with_very_many_claims_is_not_read_with_all_of_them() -> None:
    """Even where the database knows that half of all claims are of this code."""
    a_list(ListType.MULTI_USE, code="AllOfUs")
    for n in range(30):
        claim_many([Attempt("AllOfUs", f"cust-{n}-{k}", "key_1") for k in range(100)])
    claim_many([Attempt(code, "cust-1", "key_1") for code in some_codes(200)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE core_claim")
    with transaction.atomic(), joined():
        before = scans("core_claim")
        claim_many([Attempt("AllOfUs", f"new-{k}", "key_1") for k in range(10)])
        assert scans("core_claim") == before
