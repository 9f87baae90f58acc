"""Slow callers, as the application behind the server sees them: it never waits for them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from promint.server import bodies, pace
from promint.server.bodies import Bodies

Message = dict[str, Any]


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "PATIENCE", 0.1)


class Caller:
    """Sends these pieces and then nothing more."""

    def __init__(self, pieces: list[bytes], is_whole: bool = True) -> None:
        self._pieces, self._is_whole = pieces, is_whole
        self.taken: list[Message] = []

    async def receive(self) -> Message:
        if not self._pieces:
            await asyncio.Event().wait()
        piece = self._pieces.pop(0)
        return {
            "type": "http.request",
            "body": piece,
            "more_body": bool(self._pieces) or not self._is_whole,
        }

    async def send(self, message: Message) -> None:
        self.taken.append(message)


class App:
    """Reads its request and answers in pieces."""

    def __init__(self) -> None:
        self.read: list[Message] = []
        self.scope: Message = {}

    async def __call__(
        self,
        scope: Any,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.scope = scope
        self.read.append(await receive())
        while self.read[-1].get("more_body"):
            self.read.append(await receive())
        for n in range(10):
            await send({"type": "http.response.body", "body": bytes([n]), "more_body": n < 9})


A_FORM = {
    "method": "POST",
    "path": "/login",
    "headers": [(b"transfer-encoding", b"chunked")],
}


def served(caller: Caller) -> App:
    app = App()

    async def serve() -> None:
        async with asyncio.timeout(20):
            await Bodies(app)(dict(A_FORM), caller.receive, caller.send)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as thread:  # in this thread a browser's loop may be running
        thread.submit(asyncio.run, serve()).result()
    return app


def test_a_body_in_many_pieces_comes_in_one() -> None:
    caller = Caller([b"a"] * 5_000)
    app = served(caller)
    assert app.read == [{"type": "http.request", "body": b"a" * 5_000, "more_body": False}]
    assert app.scope["headers"] == [(b"content-length", b"5000")]
    assert len(caller.taken) == 10


class Crowded:
    """Notes how many requests it has at the same time."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0

    async def __call__(self, *_: Any) -> None:
        self.now, self.all = self.now + 1, self.all + 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1


@pytest.mark.parametrize(("path", "most"), [("/cancellations/new", 4), ("/login", 20)])
def test_few_requests_with_files_are_let_in_at_a_time(path: str, most: int) -> None:
    """Control: forms without a file are all let in."""
    app = Crowded()

    async def serve() -> None:
        scope = {**A_FORM, "path": path, "headers": [(b"content-length", b"4")]}
        served = Bodies(app)
        callers = [Caller([b"form"]) for _ in range(20)]
        async with asyncio.timeout(20):
            await asyncio.gather(
                *(served(dict(scope), one.receive, one.send) for one in callers)  # type: ignore[arg-type]
            )

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, serve()).result()
    assert (app.most, app.all) == (most, 20)


def test_a_stranger_may_send_a_form_and_no_byte_more() -> None:
    most = bodies.STRANGERS_BYTES
    assert served(Caller([b"a" * most])).read
    caller = Caller([b"a" * most, b"a"])
    assert not served(caller).read
    assert caller.taken[0]["status"] == 413


def test_a_caller_who_stops_sending_is_told_so_and_reaches_nobody() -> None:
    caller = Caller([b"half"], is_whole=False)
    app = served(caller)
    assert not app.read
    assert caller.taken[0]["status"] == 408


def test_a_body_must_come_at_a_least_rate_and_within_a_longest_time() -> None:
    assert pace.seconds_left(0, 0) == pace.PATIENCE
    assert pace.seconds_left(1, pace.HEAD_START - 0.01) < 0.02
    assert pace.seconds_left(0, pace.HEAD_START) <= 0
    uploaded = 50 * 1024 * 1024
    assert pace.seconds_left(uploaded, 60) == pace.PATIENCE
    assert pace.seconds_left(uploaded, uploaded / pace.LEAST_RATE + pace.HEAD_START) <= 0
    assert pace.seconds_left(10**12, pace.LONGEST) <= 0
