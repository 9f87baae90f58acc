"""The database is unreachable, slow, locked, full, restarted or cut off: callers wait or get a
503, never a verdict."""

import os
import signal
import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import connection

from promint.core.claiming.claims import Attempt, claim_many
from promint.core.codes import batches
from promint.core.models import Claim, Customer, Mail
from promint.core.rules.rules import ListType
from promint.core.storage.transactions import Busy
from tests import factories
from tests.databases import Cluster
from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.journal import Crowd
from tests.servers import Server, wait_until

CODE = "AllOfUs"


@pytest.fixture
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite's file")


@pytest.mark.usefixtures("on_sqlite")
def test_a_file_locked_for_ten_seconds_makes_claims_wait_or_say_busy(own_web: Server) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    with Crowd(own_web, [CODE]) as crowd:
        wait_until(lambda: crowd.acknowledged > 5, 60)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(10)
        other.execute("ROLLBACK")
        acknowledged = crowd.acknowledged
        wait_until(lambda: crowd.acknowledged > acknowledged + 20, 60)
    assert set(crowd.journal.troubles) <= {"busy"}
    crowd.journal.retry_open(own_web, own_web.url)
    assert Claim.objects.count() == len(crowd.journal.granted())
    own_web.succeed("doctor")


@pytest.mark.usefixtures("on_sqlite")
def test_a_full_disk_refuses_the_claim_and_changes_nothing() -> None:
    promo_list = factories.a_list(tags=["t" * 60 + str(n) for n in range(50)])
    codes = factories.some_codes(60, promo_list)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # no free pages left inside the file
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        with pytest.raises(Busy):
            claim_many([Attempt(c, f"{n:0250}", "key_tests") for n, c in enumerate(codes)])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert not Claim.objects.exists()
    assert not Customer.objects.exists()
    assert factories.claim(codes[0]).claim is not None


def test_an_immediate_restart_under_load_loses_nothing(
    on_postgresql: Cluster, tmp_path: Path
) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    with Server.on_this_database(tmp_path) as server:
        server.web()
        with Crowd(server, [CODE]) as crowd:
            wait_until(lambda: crowd.acknowledged > 100, 60)
            connection.close()
            on_postgresql.stop("immediate")
            with httpx.Client(trust_env=False, timeout=30) as client:
                assert client.get(f"{server.url}/healthz").status_code == 503
            on_postgresql.start()
            acknowledged = crowd.acknowledged
            wait_until(lambda: crowd.acknowledged > acknowledged + 100, 60)
        crowd.journal.retry_open(server, server.url)
        assert set(crowd.journal.troubles) <= {"busy", "outcome_unknown"}
        assert Claim.objects.count() == len(crowd.journal.granted())
        server.succeed("doctor")


@pytest.mark.parametrize(("cut", "committed"), [("before", 0), ("after", 1)])
def test_a_connection_cut_at_commit_is_an_unknown_outcome_that_the_key_finds_out(
    on_postgresql: Cluster, tmp_path: Path, cut: str, committed: int
) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    insert = b"INSERT INTO core_claim "
    with (
        CuttingProxy(on_postgresql.port, insert) as proxy,
        Server.on_this_database(tmp_path) as server,
    ):
        server.web(PROMINT_DATABASE_URL=_through(proxy))
        claim = {"code": CODE, "customer": "cust-1"}
        key = {"Idempotency-Key": "once"}
        proxy.cut = cut
        unknown = server.claims.post("/claims", json=claim, headers=key)
        assert (unknown.status_code, unknown.json()["error"]) == (503, "outcome_unknown")
        assert unknown.headers["Retry-After"] == "1"
        assert unknown.json()["retryable"] is True
        wait_until(lambda: proxy.cuts == 1, 60)  # the caller knows it before the server has ended
        assert Claim.objects.count() == committed
        again = server.claims.post("/claims", json=claim, headers=key)
        assert again.status_code == 201
        assert ("idempotent-replayed" in again.headers) == bool(committed)
        assert Claim.objects.count() == 1
        server.succeed("doctor")


def _through(proxy: CuttingProxy) -> str:
    url = os.environ["PROMINT_DATABASE_URL"]
    return url.replace(f":{urlsplit(url).port}/", f":{proxy.port}/")


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_connection_cut_while_a_batch_is_completed_neither_fails_nor_doubles_it(
    on_postgresql: Cluster, tmp_path: Path, cut: str
) -> None:
    batch = factories.a_pending_batch(factories.a_list(), 100, notify=["ops@example.com"])
    copy = b"COPY core_code "
    with (
        CuttingProxy(on_postgresql.port, copy) as proxy,
        Server.on_this_database(tmp_path) as server,
    ):
        proxy.cut = cut
        server.worker(PROMINT_DATABASE_URL=_through(proxy))
        wait_until(lambda: proxy.cuts == 1, 60)
        wait_until(lambda: batches.find(batch.public_id).status != "pending", 60)
        time.sleep(2)  # in which a worker that was not told could do harm
        made = batches.find(batch.public_id)
        assert (made.status, made.created, made.error) == ("active", 100, None)
        assert list(Mail.objects.values_list("about", flat=True)) == ["finished"]
        server.succeed("doctor")


def test_a_lock_held_too_long_is_busy_and_no_refusal(
    on_postgresql: Cluster, own_web: Server
) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    held, release = threading.Event(), threading.Event()
    thread = threading.Thread(target=_hold_the_counter, args=(held, release))
    thread.start()
    try:
        assert held.wait(30)
        answer = own_web.claims.post("/claims", json={"code": CODE, "customer": "cust-1"})
        assert (answer.status_code, answer.json()["error"]) == (503, "busy")
        assert answer.headers["Retry-After"] == "1"
    finally:
        release.set()
        thread.join()
    answer = own_web.claims.post("/claims", json={"code": CODE, "customer": "cust-1"})
    assert answer.status_code == 201


def _hold_the_counter(held: threading.Event, release: threading.Event) -> None:
    from django.db import transaction

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # PostgreSQL would end a transaction that is idle for so long.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT 1 FROM core_listcounter FOR UPDATE")
            held.set()
            release.wait(60)
    finally:
        connection.close()


def test_a_database_that_is_away_is_said_by_the_start(
    on_postgresql: Cluster, tmp_path: Path
) -> None:
    with Server.on_this_database(tmp_path) as server:
        server.environment["PROMINT_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
        done = server.run("up")
        assert done.returncode == 1
        assert "The database does not answer" in done.stderr


@pytest.mark.usefixtures("on_postgresql")
def test_a_process_frozen_in_a_transaction_lets_others_claim_and_goes_on_when_woken(
    tmp_path: Path,
) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    with Server.on_this_database(tmp_path) as server:
        frozen = server.web(PROMINT_FAILPOINT="claims.before_commit:freeze")
        server.web()
        first, others = server.client(server.claim_key), server.client(server.claim_key)
        others.base_url = f"{server.urls[1]}/api/v1/"
        answers: list[int] = []

        def claim_first() -> None:
            sent = first.post("/claims", json={"code": CODE, "customer": "first"})
            answers.append(sent.status_code)

        waiting = threading.Thread(target=claim_first)
        waiting.start()
        wait_until(lambda: _state(frozen.pid) == "T", 30)
        sent = others.post("/claims", json={"code": CODE, "customer": "other"})
        assert sent.status_code == 201
        assert _state(frozen.pid) == "T"
        frozen.send_signal(signal.SIGCONT)
        waiting.join(30)
        assert answers == [201]
        assert set(Claim.objects.values_list("customer", flat=True)) == {"first", "other"}
        server.succeed("doctor")


def _state(pid: int) -> str:
    """One letter; T means stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
