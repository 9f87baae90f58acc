"""Strangers with bad intentions: some threads that repeat an attack again and again."""

import random
import string
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from promint.accounts import keys
from tests.raw_http import RawCaller, head


class Attack:
    """`once`: one round of one attacker. It gets an event that is set when the attack ends."""

    def __init__(self, once: Callable[[threading.Event], None], attackers: int = 4) -> None:
        self._once = once
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(attackers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join(60)

    def lasts(self, seconds: float) -> None:
        self._ends.wait(seconds)

    def _run(self) -> None:
        while not self._ends.wait(0.02):
            with suppress(OSError):
                self._once(self._ends)


def held_open(
    url: str, count: int, first: bytes, then: bytes = b"", every: float = 0.5
) -> Callable[[threading.Event], None]:
    """Holds so many connections open: on each, `first` is sent, and then `then` piece by piece.
    Connections that are cut off are opened again."""

    def once(ends: threading.Event) -> None:
        callers: list[RawCaller] = []
        try:
            while not ends.wait(every):
                callers += [RawCaller(url).send(first) for _ in range(count - len(callers))]
                callers = [caller for caller in callers if _goes_on(caller, then)]
        finally:
            for caller in callers:
                caller.socket.close()

    return once


def _goes_on(caller: RawCaller, data: bytes) -> bool:
    caller.socket.setblocking(False)
    with suppress(BlockingIOError):
        try:
            if data:
                caller.socket.send(data)
            if caller.socket.recv(65536) == b"":
                raise ConnectionResetError
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                caller.socket.close()
                return False
            raise
    return True


def bodies(url: str, path: str) -> Callable[[threading.Event], None]:
    """Fifty callers at a time that send a megabyte each, whatever the answer is."""
    sent = head("POST", path, "Content-Length: 1000000") + bytes(1_000_000)

    def once(ends: threading.Event) -> None:
        callers = [RawCaller(url, timeout=2) for _ in range(50)]
        for caller in callers:
            with caller, suppress(OSError):
                caller.send_as_it_goes(sent)

    return once


def unread(url: str, path: str, times: int = 30) -> Callable[[threading.Event], None]:
    """Callers who ask for the same thing so many times at once, and read no answer."""
    return held_open(url, 24, head("GET", path) * times)


def endless(url: str, first: bytes, then: bytes) -> Callable[[threading.Event], None]:
    """A caller who sends as fast as possible and never ends the request."""

    def once(ends: threading.Event) -> None:
        with RawCaller(url, timeout=2) as caller:
            caller.send(first)
            while not ends.is_set():
                caller.send(then * 10_000)

    return once


def made_up_keys(url: str) -> Callable[[threading.Event], None]:
    """One connection with claims whose keys only the database can tell from valid ones."""

    def once(ends: threading.Event) -> None:
        body = b'{"code": "x", "customer": "y"}'
        with RawCaller(url, timeout=5) as caller:
            while not ends.is_set():
                key = f"Authorization: Bearer {_made_up_key()}"
                caller.send(head("POST", "/api/v1/claims", key, f"Content-Length: {len(body)}"))
                assert caller.send(body).answer().status == 401

    return once


def _made_up_key() -> str:
    secret = "".join(random.choices(string.ascii_letters, k=32))
    return keys.PREFIX + secret + keys._checksum(secret)
