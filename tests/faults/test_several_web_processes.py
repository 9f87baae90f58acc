"""Several web processes on one port share the claims, and no claim is lost when one of them
ends."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from promint.accounts import keys
from promint.accounts.models import ApiKey
from promint.core.models import Claim, ListCounter
from promint.core.rules.rules import ListType
from tests import factories
from tests.databases import Cluster
from tests.faults.journal import Crowd
from tests.servers import Server, wait_until

CODE = "AllOfUs"
PROCESSES = 3


def children_of(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@pytest.fixture
def several(on_postgresql: Cluster, tmp_path: Path) -> Server:
    """A server that the test itself starts and ends."""
    return Server.on_this_database(tmp_path)


def test_a_restart_one_after_the_other_loses_no_request_and_replaces_every_process(
    several: Server,
) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    with several as server:
        parent = server.web("--processes", str(PROCESSES))
        before = children_of(parent.pid)
        assert len(before) == PROCESSES
        with Crowd(server, [CODE]) as crowd:
            wait_until(lambda: crowd.acknowledged > 50, 60)
            parent.send_signal(signal.SIGHUP)
            wait_until(lambda: server.log.read_text().count("is restarted") == PROCESSES, 60)
        assert not before & children_of(parent.pid)
        assert not crowd.journal.troubles
        assert not crowd.journal.open
        assert Claim.objects.count() == len(crowd.journal.granted())


def test_a_process_that_is_killed_comes_back_while_the_others_serve_on(several: Server) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE, entry_cap=200)
    with several as server:
        parent = server.web("--processes", str(PROCESSES))
        with Crowd(server, [CODE]) as crowd:
            for _ in range(PROCESSES):
                before = children_of(parent.pid)
                acknowledged = crowd.acknowledged
                os.kill(min(before), signal.SIGKILL)
                wait_until(lambda n=acknowledged: crowd.acknowledged > n + 20, 30)
                wait_until(lambda b=before: len(children_of(parent.pid) - b) == 1, 30)
            wait_until(lambda: ListCounter.objects.get().claims == 200, 30)
        crowd.journal.retry_open(server, server.url)
        assert len(crowd.journal.granted()) == ListCounter.objects.get().claims == 200
        server.succeed("doctor")


def test_a_revoked_key_is_refused_by_every_process(several: Server) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    with several as server:
        server.web("--processes", str(PROCESSES))

        def statuses() -> set[int]:
            """Statuses of requests on separate connections, so that any process may answer each."""
            asked = {"code": CODE, "customer": "cust-1"}
            headers = {"Authorization": f"Bearer {server.claim_key}"}
            url = f"{server.url}/api/v1/validations"
            return {
                httpx.post(url, json=asked, headers=headers, trust_env=False).status_code
                for _ in range(20)
            }

        assert statuses() == {200}
        keys.revoke(ApiKey.objects.get(name="Till").public_id, "test")
        wait_until(lambda: statuses() == {401}, 10)


def test_sigterm_ends_all_of_them_with_0(several: Server) -> None:
    with several as server:
        parent = server.web("--processes", str(PROCESSES))
        children = children_of(parent.pid)
        parent.terminate()
        assert parent.wait(10) == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("command", ["up", "web"])
def test_sqlite_refuses_more_than_one_with_a_sentence(tmp_path: Path, command: str) -> None:
    with Server.of_its_own(tmp_path) as server:
        server.environment["PROMINT_DATABASE_URL"] = "sqlite:///"
        server.succeed("migrate")
        done = server.run(command, "--processes", "2", "--port", "0")
        assert done.returncode == 2
        assert "--processes" in done.stderr
