"""Promint through PgBouncer in transaction mode, where each transaction may run in another session
of PostgreSQL."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from promint.core.storage.postgresql.base import SESSION
from tests.databases import Cluster
from tests.everything import run_everything
from tests.faults.journal import Crowd
from tests.installations import add_a_list, add_a_multi_use_list, customers_of, python
from tests.poolers import pooled
from tests.servers import Server, wait_until

SESSIONS = 4


@pytest.fixture
def direct(on_postgresql: Cluster, tmp_path: Path) -> str:
    """The address of an empty database."""
    return Server.of_its_own(tmp_path).environment["PROMINT_DATABASE_URL"]


@pytest.fixture
def through(direct: str, tmp_path: Path) -> Iterator[Server]:
    """An installation, migrated through the pooler."""
    with pooled(direct, SESSIONS) as address, Server.of_its_own(tmp_path) as server:
        server.environment["PROMINT_DATABASE_URL"] = f"{address}?pooler=transaction"
        server.succeed("migrate")
        yield server


def test_everything_works(through: Server) -> None:
    through.web("--processes", "2")
    through.worker()
    run_everything(through)


def test_counts_are_exact_when_many_claim_over_few_sessions(through: Server) -> None:
    for _ in range(3):
        through.web()
    through.worker()
    shared = add_a_multi_use_list(through, "AllOfUs")
    capped = add_a_list(through, name="Ten", type="multi_use", code="OnlyTen", entry_cap=10)
    with Crowd(through, ["AllOfUs", "OnlyTen"], customers=24) as crowd:
        wait_until(lambda: crowd.acknowledged > 2_000, 120)
    crowd.journal.retry_open(through, through.url)
    granted = crowd.journal.granted()
    named = {promo_list: customers_of(through, promo_list) for promo_list in (shared, capped)}
    assert len(named[capped]) == 10
    assert len(named[shared]) + 10 == len(granted)
    assert {crowd.journal.intents[key][1] for key in granted} == named[shared] | named[capped]
    assert through.manage.get(f"/lists/{shared}").json()["claim_count"] == len(named[shared])
    through.succeed("doctor")


ASKED = """
import json
from django.db import connection, transaction
names = {names}
def shown():
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{{name}}')" for name in names))
        return list(cursor.fetchone())
with transaction.atomic():
    inside = shown()
print(json.dumps([inside, shown()]))
"""


def test_the_settings_hold_in_each_transaction_and_are_left_to_nobody(
    through: Server, direct: str
) -> None:
    names = sorted(set(SESSION) - {"timezone"})
    inside, outside = json.loads(python(through, ASKED.format(names=names)))
    by_name = dict(zip(names, inside, strict=True))
    assert {name: by_name[name] for name in ("lock_timeout", "jit", "plan_cache_mode")} == {
        "lock_timeout": "5s",
        "jit": "off",
        "plan_cache_mode": "force_custom_plan",
    }
    with psycopg.connect(direct) as connection:
        untouched = [
            connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names
        ]
    assert [(value,) for value in outside] == untouched


def test_the_check_says_what_to_write_when_a_pooler_is_between(direct: str, tmp_path: Path) -> None:
    server = Server.of_its_own(tmp_path)
    with pooled(direct, SESSIONS) as refusing:
        server.environment["PROMINT_DATABASE_URL"] = refusing
        assert "add ?pooler=transaction to PROMINT_DATABASE_URL" in server.run("check").stdout
        assert "pooler=transaction" in server.run("migrate").stderr
    with pooled(direct, SESSIONS, "ignore_startup_parameters = options") as forgetful:
        server.environment["PROMINT_DATABASE_URL"] = forgetful
        assert "add ?pooler=transaction to PROMINT_DATABASE_URL" in server.run("check").stdout


def test_reading_without_a_transaction_has_settings_when_the_role_has_them(
    through: Server, direct: str
) -> None:
    with psycopg.connect(direct, autocommit=True) as connection:
        assert "ALTER ROLE promint SET enable_bitmapscan = off" in through.run("check").stdout
        connection.execute("ALTER ROLE promint SET enable_bitmapscan = off")
        connection.execute("ALTER ROLE promint SET jit = off")
        try:
            with pooled(direct, SESSIONS) as fresh:
                url = f"{fresh}?pooler=transaction"
                through.environment["PROMINT_DATABASE_URL"] = url
                assert "database       fine" in through.run("check").stdout
        finally:
            connection.execute("ALTER ROLE promint RESET ALL")


def test_what_needs_a_session_of_its_own_says_so(through: Server, tmp_path: Path) -> None:
    target = through.environment["PROMINT_DATABASE_URL"]
    for words in (
        ["backup", str(tmp_path / "backup")],
        ["copy", "--to", f"sqlite:///{tmp_path}/copy"],
    ):
        done = through.run(*words)
        assert done.returncode == 1
        assert (
            "PROMINT_DATABASE_URL of PostgreSQL itself, without pooler=transaction" in done.stderr
        )
    assert not (tmp_path / "backup").exists()
    assert target not in done.stderr


def test_a_server_that_is_lost_behind_the_pooler_is_no_defect(
    on_postgresql: Cluster, tmp_path: Path
) -> None:
    own = Cluster(on_postgresql.tools)
    try:
        database = own.create_database("promint")
        with pooled(database, SESSIONS) as address, Server.of_its_own(tmp_path) as server:
            server.environment["PROMINT_DATABASE_URL"] = f"{address}?pooler=transaction"
            server.succeed("migrate")
            server.web()
            promo_list = add_a_multi_use_list(server, "AllOfUs")
            with Crowd(server, ["AllOfUs"]) as crowd:
                wait_until(lambda: crowd.acknowledged > 100, 60)
                own.stop("immediate")
                own.start()
                acknowledged = crowd.acknowledged
                wait_until(lambda: crowd.acknowledged > acknowledged + 100, 60)
            crowd.journal.retry_open(server, server.url)
            assert len(customers_of(server, promo_list)) == len(crowd.journal.granted())
    finally:
        own.remove()
