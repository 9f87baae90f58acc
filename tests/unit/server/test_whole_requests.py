"""Callers who stand still, seen from the application behind: nothing of it waits for them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from promint.server import whole_requests
from promint.server.whole_requests import WholeRequests

Message = dict[str, Any]


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_requests, "PATIENCE", 0.1)


class Caller:
    """Sends these pieces and then nothing more; takes so many messages and then no more."""

    def __init__(self, pieces: list[bytes], is_whole: bool = True, takes: int = 99) -> None:
        self._pieces, self._is_whole, self._takes = pieces, is_whole, takes
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
        if len(self.taken) == self._takes:
            await asyncio.Event().wait()
        self.taken.append(message)


class App:
    """Reads its request and answers in pieces."""

    def __init__(self) -> None:
        self.read: list[Message] = []
        self.is_done = False

    async def __call__(
        self,
        scope: Any,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.read.append(await receive())
        while self.read[-1].get("more_body"):
            self.read.append(await receive())
        for n in range(10):
            await send({"type": "http.response.body", "body": bytes([n]), "more_body": n < 9})
        self.is_done = True


def served(caller: Caller) -> App:
    app = App()

    async def serve() -> None:
        async with asyncio.timeout(20):
            await WholeRequests(app)({}, caller.receive, caller.send)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as thread:  # in this one a browser's loop may run
        thread.submit(asyncio.run, serve()).result()
    return app


def test_a_body_in_many_pieces_comes_in_one() -> None:
    caller = Caller([b"a"] * 5_000)
    app = served(caller)
    assert app.read == [{"type": "http.request", "body": b"a" * 5_000, "more_body": False}]
    assert len(caller.taken) == 10


def test_the_rest_of_a_large_body_comes_as_it_is_sent() -> None:
    megabyte = b"a" * whole_requests.WAITED_FOR
    app = served(Caller([megabyte, b"b", b"c"]))
    assert [message["body"] for message in app.read] == [megabyte, b"b", b"c"]


def test_a_caller_who_stops_sending_is_told_so_and_reaches_nobody() -> None:
    caller = Caller([b"half"], is_whole=False)
    app = served(caller)
    assert not app.read
    assert caller.taken[0]["status"] == 408


def test_a_caller_who_stops_in_a_large_body_is_one_who_went_away() -> None:
    app = served(Caller([b"a" * whole_requests.WAITED_FOR], is_whole=False))
    assert app.read[-1] == {"type": "http.disconnect"}
    assert app.is_done


def test_an_answer_that_nobody_takes_holds_up_nothing() -> None:
    caller = Caller([b""], takes=3)
    assert served(caller).is_done
    assert len(caller.taken) == 3
