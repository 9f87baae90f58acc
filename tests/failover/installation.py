"""Promint on three machines: two that serve, and a worker. Their callers are on a fourth one."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from promint.core.rules import canonical
from tests.failover.network import Machine
from tests.faults.journal import Crowd, Journal
from tests.installations import add_a_list, add_a_multi_use_list
from tests.servers import ANSWERS_WITHIN, PROGRAM, Server, wait_until

SHARED = "AllOfUs"
SINGLE_CODES = 20_000
PORT = 8000
LONG = 180  # seconds


def on(machine: Machine, directory: Path, url: str) -> Server:
    """Promint on that machine, whose data directory no other one sees."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PROMINT_")} | {
        "PROMINT_DATABASE_URL": url,
        "PROMINT_DATA_DIR": str(directory / machine.namespace),
        "PROMINT_SECRET_KEY": "the same on all machines",
    }
    server = Server(environment, directory)
    server.program = (*machine.prefix, PROGRAM)
    return server


def serve(server: Server, machine: Machine) -> None:
    process = server.start(["web", "--host", machine.address, "--port", str(PORT)], {})
    server.urls.append(f"http://{machine.address}:{PORT}")
    wait_until(lambda: server.answers(server.url, process), ANSWERS_WITHIN)


class Load:
    """Customers on both machines who claim the same codes, so that they race for them."""

    def __init__(self, servers: list[Server], url: str) -> None:
        self._servers, self._url = servers, url
        add_a_multi_use_list(servers[0], SHARED)
        self.list = add_a_list(servers[0], name="Single")
        self.generate(SINGLE_CODES)
        singles = [code for (code,) in self.ask("SELECT value FROM core_code ORDER BY md5(value)")]
        codes = [code for single in singles for code in (SHARED, single)]
        self.crowds = [Crowd(server, codes, customers=6, pause=1.0) for server in servers]
        self._seen = [(time.monotonic(), 0)]
        self._ended = threading.Event()

    def generate(self, quantity: int) -> None:
        """Let the worker make a batch, and wait until it is whole, whatever happens meanwhile."""
        made = _patiently(
            lambda: self._servers[1].manage.post(
                f"/lists/{self.list}/batches",
                json={"quantity": quantity},
                headers={"Idempotency-Key": f"batch-{quantity}"},
            )
        )
        address = f"/batches/{made['id']}"
        read = self._servers[0].manage.get
        wait_until(lambda: _patiently(lambda: read(address))["status"] == "active", LONG, every=0.5)

    def ask(self, statement: str) -> list[Any]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(statement.encode()).fetchall()

    @property
    def acknowledged(self) -> int:
        return sum(crowd.acknowledged for crowd in self.crowds)

    @contextmanager
    def running(self) -> Iterator[None]:
        watching = threading.Thread(target=self._watch)
        with self.crowds[0], self.crowds[1]:
            watching.start()
            try:
                yield
            finally:
                self._ended.set()
                watching.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            if self.acknowledged > self._seen[-1][1]:
                self._seen.append((time.monotonic(), self.acknowledged))

    def goes_on(self) -> None:
        """Wait until claims are acknowledged again."""
        begun = self.acknowledged
        wait_until(lambda: self.acknowledged > begun + 200, LONG)

    def longest_pause(self, since: float) -> float:
        """Seconds in which nothing was acknowledged."""
        times = [at for at, _ in self._seen if at >= since]
        return max(later - at for at, later in zip([since, *times], times, strict=False))

    def judge(self) -> tuple[int, int]:
        """How many acknowledged claims are lost, and how many codes were given twice."""
        granted = [pair for crowd in self.crowds for pair in _granted(crowd.journal)]
        there = set(self.ask(_CLAIMS))  # after the answers, because claims go on
        lost = sum(pair not in there for pair in granted)
        customers = Counter(code for code, _ in there if code != canonical(SHARED))
        twice = sum(times > 1 for times in Counter(granted).values())
        return lost, twice + sum(number > 1 for number in customers.values())

    def ask_again(self) -> None:
        """Send what has no answer again. Then every claim that is there is acknowledged."""
        for crowd, server in zip(self.crowds, self._servers, strict=True):
            crowd.journal.retry_open(server, server.url)
        granted = {pair for crowd in self.crowds for pair in _granted(crowd.journal)}
        assert granted == set(self.ask(_CLAIMS))


_CLAIMS = "SELECT code, customer FROM core_claim"


def _granted(journal: Journal) -> list[tuple[str, str]]:
    answers = journal.answers.copy().items()  # more arrive meanwhile
    pairs = [journal.intents[key] for key, (status, _) in answers if status == 201]
    return [(str(canonical(code)), customer) for code, customer in pairs]


def _patiently(ask: Any) -> Any:
    """The answer, asked for again after a 503 or a lost connection."""
    deadline = time.monotonic() + LONG
    while True:
        try:
            answer: httpx.Response = ask()
            if answer.status_code < 500:
                return answer.raise_for_status().json()
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "no answer"
        time.sleep(0.5)
