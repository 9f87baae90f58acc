"""How an attack affects ordinary callers, and what it costs the server."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx
from django.conf import settings

from promint.accounts.roles import Role
from promint.core.rules import ListType
from tests.factories import a_list, signed_in
from tests.servers import Server

SECONDS = float(os.environ.get("ABUSE_SECONDS", "2"))  # how long each attack lasts
# In the suite, attackers and other tests share the processors with the server, and a short run has
# few claims. Defects of this kind cost many seconds, so they are noticed anyway.
LENIENCY = 1 if SECONDS >= 60 else 10
CLAIM_SECONDS = 0.25 * LENIENCY  # in which 99 of 100 claims must be done
PAGE_SECONDS = 1.0 * LENIENCY
MEMORY_BYTES = 400 * 1024 * 1024
DESCRIPTORS = 1_024  # how many the server may have open, as on usual machines
CODE = "AllOfUs"


@dataclass
class Seen:
    claims: list[float] = field(default_factory=list)  # seconds
    pages: list[float] = field(default_factory=list)
    memory: int = 0  # bytes, at most
    descriptors: int = 0  # at most

    def __str__(self) -> str:
        return (
            f"{len(self.claims)} claims, p99 {percentile(self.claims):.3f} s; a page at most"
            f" {max(self.pages):.3f} s; {self.memory >> 20} MB; {self.descriptors} descriptors"
        )


class Watch:
    """A shop that claims, a colleague who looks at lists and a supervisor that asks for health,
    while the `with` block lasts. They must never get a refusal."""

    def __init__(self, server: Server) -> None:
        a_list(ListType.MULTI_USE, code=CODE)
        self.seen = Seen()
        self._server, self._process = server, Path(f"/proc/{server.processes[0].pid}")
        self._page = httpx.Client(base_url=server.url, timeout=60, trust_env=False)
        session = signed_in(Role.VIEWER).cookies[settings.SESSION_COOKIE_NAME].value
        self._page.cookies.set(settings.SESSION_COOKIE_NAME, session)
        self._claims = server.claims
        self._ends = threading.Event()
        self._troubles: list[str] = []
        steps = [
            (self._claim, 0.01),
            (self._look, 0.2),
            (self._come_anew, 0.2),
            (self._measure, 0.05),
        ]
        self._threads = [threading.Thread(target=self._again, args=step) for step in steps]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join(60)

    def _again(self, step: Callable[[], None], pause: float) -> None:
        try:
            while not self._ends.is_set():
                step()
                self._ends.wait(pause)
        except Exception as error:
            self._troubles.append(f"{type(error).__name__}: {error}")

    def _claim(self) -> None:
        claim = {"code": CODE, "customer": f"cust-{len(self.seen.claims)}"}
        began = time.monotonic()
        answer = self._claims.post("/claims", json=claim)
        self.seen.claims.append(time.monotonic() - began)
        assert answer.status_code == 201, answer.text

    def _look(self) -> None:
        began = time.monotonic()
        answer = self._page.get("/")
        self.seen.pages.append(time.monotonic() - began)
        assert answer.status_code == 200, answer.status_code

    def _come_anew(self) -> None:
        """Use a new connection each time."""
        began = time.monotonic()
        answer = httpx.get(f"{self._server.url}/healthz", trust_env=False, timeout=60)
        self.seen.pages.append(time.monotonic() - began)
        assert answer.status_code == 200, answer.status_code

    def _measure(self) -> None:
        status = (self._process / "status").read_text()
        kilobytes = int(status.partition("VmRSS:")[2].split()[0])
        self.seen.memory = max(self.seen.memory, kilobytes * 1024)
        opened = len(os.listdir(self._process / "fd"))
        self.seen.descriptors = max(self.seen.descriptors, opened)

    def says_all_is_well(self) -> None:
        assert not self._troubles, self._troubles
        seen = str(self.seen)
        assert percentile(self.seen.claims) < CLAIM_SECONDS, seen
        assert max(self.seen.pages) < PAGE_SECONDS, seen
        assert self.seen.memory < MEMORY_BYTES, seen
        assert self.seen.descriptors < DESCRIPTORS, seen


def percentile(seconds: list[float], of_100: int = 99) -> float:
    return sorted(seconds)[len(seconds) * of_100 // 100] if seconds else float("inf")
