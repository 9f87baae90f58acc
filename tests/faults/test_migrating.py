"""promint migrate changes tables that are in use, and holds up nobody meanwhile."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from promint.cli import migrating
from promint.core.rules.rules import ListType
from promint.core.storage import SCHEMA_LOCK
from tests import factories
from tests.databases import Cluster
from tests.faults.journal import Crowd
from tests.installed import ROOT
from tests.servers import Server, wait_until

CODE = "AllOfUs"
NEXT_RELEASE = {
    "DJANGO_SETTINGS_MODULE": "tests.faults.next_release.settings",
    "PYTHONPATH": str(ROOT),
}


@pytest.fixture
def copied(on_postgresql: Cluster, breakable: None, own_web: Server) -> Server:
    """A server on a copy of the database, whose tables a test may alter."""
    factories.a_list(ListType.MULTI_USE, code=CODE)
    return own_web


def a_session(server: Server, **more: bool) -> psycopg.Connection:
    return psycopg.connect(server.environment["PROMINT_DATABASE_URL"], **more)


@contextmanager
def somebody_reads_claims(server: Server) -> Iterator[None]:
    """In a transaction that does not end before the block does."""
    with a_session(server) as reader:
        reader.execute("SET application_name = 'a report'")
        reader.execute("SELECT FROM core_claim LIMIT 1")
        yield


def migrates(server: Server) -> subprocess.Popen[bytes]:
    return server.start(["migrate"], NEXT_RELEASE)


def test_claims_go_on_while_a_migration_waits_for_a_long_transaction(copied: Server) -> None:
    with Crowd(copied, [CODE]) as crowd:
        with somebody_reads_claims(copied):
            migrating_now = migrates(copied)
            wait_until(lambda: "a report" in copied.log.read_text(), 60)
            acknowledged = crowd.acknowledged
            wait_until(lambda: crowd.acknowledged > acknowledged + 100, 60)
            assert migrating_now.poll() is None
        assert migrating_now.wait(60) == 0
        acknowledged = crowd.acknowledged
        wait_until(lambda: crowd.acknowledged > acknowledged + 10, 60)
    assert not crowd.journal.troubles
    said = copied.log.read_text()
    assert "cannot run: ALTER TABLE core_claim ADD COLUMN remark" in said
    assert "(a report, user promint) holds core_claim, in a transaction of" in said
    with a_session(copied) as session:
        granted = len(crowd.journal.granted())
        remarks = session.execute("SELECT count(remark) FROM core_claim").fetchone()
        assert remarks == (granted,)
    copied.succeed("doctor")


def test_without_the_limit_claims_would_wait_behind_the_migration(copied: Server) -> None:
    def alter() -> None:
        with a_session(copied) as session:
            session.execute("ALTER TABLE core_claim ADD COLUMN remark text")

    with Crowd(copied, [CODE]) as crowd, somebody_reads_claims(copied):
        altering = threading.Thread(target=alter)
        altering.start()
        wait_until(lambda: crowd.journal.troubles["busy"], 60)
    altering.join(60)


def test_a_second_migrate_waits_for_the_first_and_says_so(copied: Server) -> None:
    with a_session(copied, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [SCHEMA_LOCK])
        second = migrates(copied)
        wait_until(
            lambda: "Another promint migrate, restore or copy runs" in copied.log.read_text(), 60
        )
        assert second.poll() is None
    assert second.wait(60) == 0


def test_who_waited_for_too_long_gives_up_with_a_sentence(copied: Server) -> None:
    with a_session(copied, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [SCHEMA_LOCK])
        with pytest.raises(migrating.GaveUp, match=r"Another .*giving up\. Nothing is half done"):
            migrating.migrate(patience=0)
    migrating.migrate(patience=0)


def test_two_first_migrates_of_one_directory_at_once_both_succeed(tmp_path: Path) -> None:
    with Server.of_its_own(tmp_path) as server:
        both = [server.start(["migrate"], {}) for _ in range(2)]
        assert [process.wait(120) for process in both] == [0, 0], server.log.read_text()
