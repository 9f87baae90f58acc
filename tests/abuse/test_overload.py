"""More claims than can be made: what there is no room for is refused at once, and nothing else is
affected."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection, transaction

from promint.core.claiming import writer
from promint.core.models import Claim, ListCounter
from promint.core.rules import ListType
from tests.abuse import crowd
from tests.abuse.watch import LENIENCY, MEMORY_BYTES
from tests.factories import a_list
from tests.servers import Server, wait_until

CODE = "AllOfUs"
SECONDS = 4.0  # how long the crowd claims
RECOVERS_WITHIN = 2.0 * LENIENCY  # seconds
ENOUGH = 120  # seconds


class Endless(Server):
    """Its queue of claims is never full."""

    program = (sys.executable, "-m", "tests.abuse.endless")


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Server]:
    with Endless.on_this_database(tmp_path) as server:
        server.web()
        yield server


def overloaded(server: Server, callers: int, within: float = ENOUGH) -> dict[str, Any]:
    """A crowd claims. At first nothing can be claimed, until the server says that it is not
    ready. It must do so `within` so many seconds. Returns what the crowd saw."""
    if not crowd.room_for(callers):
        pytest.skip(f"needs {callers} connections: ulimit -Hn")
    a_list(ListType.MULTI_USE, code=CODE)
    command = [sys.executable, "-m", "tests.abuse.crowd", server.url, server.claim_key, CODE]
    with subprocess.Popen([*command, str(callers), str(SECONDS)], stdout=subprocess.PIPE) as came:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            list(ListCounter.objects.select_for_update())
            wait_until(lambda: not is_ready(server), within)
            assert ask(server, "/healthz").status_code == 200
        seen, _ = came.communicate(timeout=ENOUGH)
    answered: dict[str, Any] = json.loads(seen)
    return answered


def ask(server: Server, path: str) -> httpx.Response:
    return httpx.get(server.url + path, trust_env=False, timeout=ENOUGH)


def is_ready(server: Server) -> bool:
    answer = ask(server, "/readyz")
    assert answer.status_code == 200 or answer.headers["Retry-After"] == "1"
    return answer.status_code == 200


def memory(server: Server) -> int:
    """The most that the process ever occupied, in bytes."""
    status = Path(f"/proc/{server.processes[0].pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.parametrize("callers", [1_000, 5_000])
def test_a_crowd_is_refused_at_once_or_served_and_the_server_recovers(
    own_web: Server, callers: int
) -> None:
    answered = overloaded(own_web, callers)
    wait_until(lambda: is_ready(own_web), RECOVERS_WITHIN)
    assert ask(own_web, "/healthz").status_code == 200
    assert answered["lost"] == answered["unsaid"] == 0, answered
    statuses = answered["statuses"]
    assert set(statuses) <= {"201", "503"}, statuses
    assert "503" in statuses or callers < 2 * writer.MOST_WAITING, statuses
    assert Claim.objects.count() == ListCounter.objects.get().claims == statuses["201"]
    assert memory(own_web) < MEMORY_BYTES


def test_without_a_limit_the_test_sees_that_all_wait(endless: Server) -> None:
    with pytest.raises(AssertionError, match="not within"):
        overloaded(endless, 1_000, within=SECONDS)
