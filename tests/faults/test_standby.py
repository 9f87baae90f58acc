"""A standby server that every commit waits for: what was acknowledged is there too.

PostgreSQL commits on the primary first and then waits. If the waiting is cancelled, COMMIT succeeds
with a warning, and the row can be seen, although a failover may lose it.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.databases import Cluster
from tests.faults.journal import Crowd
from tests.installations import add_a_multi_use_list, claim, python
from tests.servers import Server, end, wait_until
from tests.standbys import SOON, Pair, followed

CODE = "AllOfUs"


@pytest.fixture(scope="module")
def pair(migrated: None) -> Iterator[Pair]:
    from tests import databases

    if databases.cluster is None:
        pytest.skip("needs PostgreSQL: pytest --database=postgresql")
    with followed(databases.cluster) as pair:
        yield pair


@pytest.fixture
def served(pair: Pair, tmp_path: Path) -> Iterator[Server]:
    """A web process on a database of the pair, with a list that everybody can claim."""
    name = f"promint_{secrets.token_hex(6)}"
    pair.primary.create_database(name)
    environment = os.environ | {
        "PROMINT_DATABASE_URL": pair.url(name),
        "PROMINT_DATA_DIR": str(tmp_path / "data"),
    }
    with Server(environment, tmp_path) as server:
        server.succeed("migrate")
        server.web()
        add_a_multi_use_list(server, CODE)
        _ = server.claim_key  # made while the standby is there
        yield server


@pytest.fixture
def sent() -> Iterator[Callable[..., Future[httpx.Response]]]:
    with ThreadPoolExecutor() as threads:
        yield lambda *claimed: threads.submit(claim, *claimed)


def test_a_commit_whose_waiting_was_cancelled_looks_like_a_success(pair: Pair) -> None:
    """The trap itself: without a look at the warning, nothing tells that the row may be lost."""
    with psycopg.connect(pair.primary.url("postgres"), application_name="trap") as connection:
        connection.execute("CREATE TABLE trap (n int)")
        connection.commit()
        pair.standby.stop()
        connection.execute("INSERT INTO trap VALUES (1)")
        with ThreadPoolExecutor() as threads:
            committed = threads.submit(connection.commit)
            pair.cut_waiting_off(committed.done, "trap")
        committed.result()
    assert pair.ask("SELECT n FROM trap") == [(1,)]
    pair.standby.start()


def test_a_claim_is_acknowledged_only_if_the_standby_has_it(
    pair: Pair, served: Server, sent: Callable[..., Future[httpx.Response]]
) -> None:
    pair.standby.stop()
    first = sent(served, CODE, "anna", "key-1")
    pair.cut_waiting_off(first.done)
    answer = first.result(SOON)
    assert (answer.status_code, answer.json()["error"]) == (503, "outcome_unknown")
    again = sent(served, CODE, "anna", "key-1")
    wait_until(pair.waiting, SOON)
    with pytest.raises(TimeoutError):  # the row can be seen, but a failover would lose it
        again.result(1)
    pair.standby.start()
    answer = again.result(SOON)
    assert (answer.status_code, answer.headers["idempotent-replayed"]) == (201, "true")
    served.succeed("doctor")


def test_a_form_or_request_sent_again_waits_for_the_standby_too(pair: Pair, served: Server) -> None:
    def create() -> httpx.Response:
        header = {"Idempotency-Key": "offer-1"}
        return served.manage.post("/offers", json={"name": "Coffee"}, headers=header)

    assert create().status_code == 201
    pair.standby.stop()
    with ThreadPoolExecutor() as threads:
        again = threads.submit(create)
        wait_until(pair.waiting, SOON)
        with pytest.raises(TimeoutError):
            again.result(1)
        pair.standby.start()
        assert again.result(SOON).headers["idempotent-replayed"] == "true"


IMPATIENT = """
from django.db import connection
from promint.core.lists import offers
with connection.cursor() as cursor:
    cursor.execute("SET statement_timeout = 300")
try:
    offers.create("Coffee", "", actor="tests")
except Exception as error:
    print(type(error).__name__)
"""


def test_no_timeout_ends_a_commit(pair: Pair, served: Server) -> None:
    end(served.processes[0])
    pair.standby.stop()
    begin = "import django; django.setup()\n"
    environment = served.environment | {"DJANGO_SETTINGS_MODULE": "promint.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", begin + IMPATIENT], env=environment, stdout=subprocess.PIPE
    )
    wait_until(pair.waiting, SOON)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    pair.standby.start()
    assert process.communicate(timeout=SOON) == (b"", None)


def test_claims_go_on_at_the_standby_that_was_promoted(
    on_postgresql: Cluster, tmp_path: Path
) -> None:
    with followed(on_postgresql) as pair:
        pair.primary.create_database("promint_failover")
        environment = os.environ | {
            "PROMINT_DATABASE_URL": pair.url("promint_failover"),
            "PROMINT_DATA_DIR": str(tmp_path / "data"),
        }
        with Server(environment, tmp_path) as server:
            server.succeed("migrate")
            server.web()
            add_a_multi_use_list(server, CODE)
            with Crowd(server, [CODE]) as crowd:
                wait_until(lambda: crowd.acknowledged > 100, SOON)
                pair.primary.stop("immediate")
                with psycopg.connect(pair.standby.url("postgres"), autocommit=True) as standby:
                    standby.execute("SELECT pg_promote()")
                    acknowledged = crowd.acknowledged
                    wait_until(lambda: crowd.acknowledged > acknowledged + 100, SOON)
            crowd.journal.retry_open(server, server.url)
            claimed = "from promint.core.models import Claim; print(Claim.objects.count())"
            assert int(python(server, claimed)) == len(crowd.journal.granted())
            server.succeed("doctor")
