"""More claims than can be made: what there is no room for is refused at once, and nothing else is
affected. With ABUSE_SECONDS=60 the load lasts a minute; the machine should do nothing else then."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from django.db import connection, transaction

from promint.core.claiming import writer
from promint.core.models import Claim, ListCounter
from promint.core.rules import ListType
from tests.abuse import crowd
from tests.abuse.crowd import Answered
from tests.abuse.watch import MEMORY_BYTES, SECONDS
from tests.factories import a_list
from tests.servers import Server, wait_until

CODE = "AllOfUs"
LOCKED_SECONDS = 4.0  # in which a server without a limit is seen to be ready still
# In the suite, other tests share the processors with the server and the crowd.
LENIENCY = 1 if SECONDS >= 60 else 30
RECOVERS_WITHIN = 2.0 * LENIENCY  # seconds
REFUSED_WITHIN = 0.5 * LENIENCY  # in which 99 of 100 refusals must have come
HEALTH_WITHIN = 2.0 * LENIENCY
OF_USUAL_SIZE = 128  # callers
ENOUGH = 120  # seconds
NEWCOMERS = 100  # beside a crowd
NEWCOMERS_WAIT = 60  # seconds
BESIDE = 4_000  # callers


class Endless(Server):
    """Its queue of claims is never full."""

    program = (sys.executable, "-m", "tests.abuse.endless")


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Server]:
    with Endless.on_this_database(tmp_path) as server:
        server.web()
        yield server


@dataclass
class Asked:
    """What a supervisor and a load balancer were told meanwhile."""

    health: list[float] = field(default_factory=list)  # seconds until /healthz answered
    ready: list[bool] = field(default_factory=list)

    def ask(self, server: Server) -> None:
        began = time.monotonic()
        assert ask(server, "/healthz").status_code == 200
        self.health.append(time.monotonic() - began)
        self.ready.append(is_ready(server))


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


def needs_room_for(callers: int) -> None:
    if not crowd.room_for(callers):
        pytest.skip(f"needs {callers} connections: ulimit -Hn")


def answers(came: subprocess.Popen[str]) -> Answered:
    output, _ = came.communicate(timeout=ENOUGH + SECONDS)
    assert came.returncode == 0, "the crowd lost a connection"
    return crowd.heard(output)


def locked_out(server: Server, callers: int, within: float = ENOUGH) -> Answered:
    """A crowd claims as much as it can, and nothing can be claimed, until the server says that it
    is not ready. It must do so `within` so many seconds."""
    a_list(ListType.MULTI_USE, code=CODE)
    with crowd.come(server, CODE, callers, within) as came:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            list(ListCounter.objects.select_for_update())
            wait_until(lambda: not is_ready(server), within)
            assert ask(server, "/healthz").status_code == 200
        return answers(came)


def pressed(server: Server, callers: int, a_second: float) -> tuple[Answered, Asked]:
    """A crowd claims so much."""
    asked = Asked()
    with crowd.come(server, CODE, callers, SECONDS, a_second) as came:
        while came.poll() is None:
            asked.ask(server)
            time.sleep(0.1)
        return answers(came), asked


async def _accepted(server: Server) -> int:
    """How many of many who come at once and ask for /healthz are answered in a while."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=NEWCOMERS_WAIT) as come:
        asking = [come.get(server.url + "/healthz") for _ in range(NEWCOMERS)]
        came = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(one, httpx.Response | httpx.TimeoutException) for one in came), came
    return sum(isinstance(one, httpx.Response) and one.status_code == 200 for one in came)


def accepted_beside_a_crowd(server: Server) -> int:
    """How many newcomers are answered while a crowd claims as much as it can."""
    a_list(ListType.MULTI_USE, code=CODE)
    with crowd.come(server, CODE, BESIDE, ENOUGH) as came:
        wait_until(Claim.objects.exists, ENOUGH)
        accepted = asyncio.run(_accepted(server))
        answers(came)
    return accepted


def all_is_counted(answered: Answered) -> None:
    assert answered.unsaid == 0, answered
    assert set(answered.statuses) <= {"201", "503"}, answered
    assert Claim.objects.count() == ListCounter.objects.get().claims


@pytest.mark.parametrize("callers", [1_000, 5_000])
def test_a_crowd_is_refused_at_once_or_served_and_the_server_recovers(
    own_web: Server, callers: int
) -> None:
    needs_room_for(callers)
    answered = locked_out(own_web, callers)
    wait_until(lambda: is_ready(own_web), RECOVERS_WITHIN)
    assert ask(own_web, "/healthz").status_code == 200
    all_is_counted(answered)
    assert "503" in answered.statuses or callers < 2 * writer.MOST_WAITING, answered
    assert Claim.objects.count() == answered.statuses["201"]
    assert memory(own_web) < MEMORY_BYTES


def test_without_a_limit_the_test_sees_that_all_wait(endless: Server) -> None:
    needs_room_for(1_000)
    with pytest.raises(AssertionError, match="not within"):
        locked_out(endless, 1_000, within=LOCKED_SECONDS)


def test_who_comes_while_a_crowd_is_here_is_accepted(own_web: Server) -> None:
    """tests/integration/server/test_accepting.py has the control: how many are accepted at once
    does not depend there on how fast the crowd is."""
    needs_room_for(BESIDE)
    assert accepted_beside_a_crowd(own_web) == NEWCOMERS


@pytest.mark.parametrize("callers", [1_000, 5_000])
def test_twice_the_load_that_can_be_taken_is_served_as_far_as_it_can_be(
    own_web: Server, callers: int
) -> None:
    needs_room_for(callers)
    a_list(ListType.MULTI_USE, code=CODE)
    usual = pressed(own_web, OF_USUAL_SIZE, crowd.AS_MANY_AS_CAN_BE)[0].per_second("201")
    answered, asked = pressed(own_web, callers, 2 * usual)
    ended = time.monotonic()
    wait_until(lambda: is_ready(own_web), RECOVERS_WITHIN)
    own_web.claims.post("/claims", json={"code": CODE, "customer": "afterwards"}).raise_for_status()
    recovered = time.monotonic() - ended + answered.drained
    print(
        f"{connection.vendor}, {callers} callers: {usual:.0f} claims/s before; offered"
        f" {2 * usual:.0f}/s; {answered}; recovered in {recovered:.2f} s; health at most"
        f" {max(asked.health):.3f} s; ready {sum(asked.ready)} of {len(asked.ready)} times;"
        f" {memory(own_web) >> 20} MB"
    )
    all_is_counted(answered)
    assert recovered < RECOVERS_WITHIN
    assert answered.late.get("503", 0.0) < REFUSED_WITHIN, answered
    assert answered.per_second("201") > usual / (3 * LENIENCY), answered
    assert "503" not in answered.statuses or LENIENCY > 1 or not all(asked.ready), asked
    assert max(asked.health) < HEALTH_WITHIN
    assert memory(own_web) < MEMORY_BYTES
