"""Who waits on the listening socket is accepted together with others, so that nobody who comes
while thousands are served waits for as many rounds as there are others before them."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import uvloop

from promint.server import accepting, listening

WAITING = 100
ROUNDS = 5  # of the loop, in which the first accepted connections begin


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with listening.listen("127.0.0.1", 0) as socket_:
        yield socket_


@pytest.fixture
def callers(listener: socket.socket) -> Iterator[list[socket.socket]]:
    """They are connected, and wait to be accepted."""
    with ExitStack() as stack:
        address = listener.getsockname()
        yield [
            stack.enter_context(socket.create_connection(address, timeout=10))
            for _ in range(WAITING)
        ]


class Greets(asyncio.Protocol):
    here: int

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        type(self).here += 1
        transport.write(b"welcome")  # type: ignore[attr-defined]


def accepted(listener: socket.socket, seconds: float = 0) -> int:
    """How many are accepted in a few rounds of the loop, or in so many seconds."""

    async def accept() -> None:
        accepts = accepting.Accepting(listener, Greets)
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        await asyncio.sleep(seconds)
        accepts.close()

    Greets.here = 0
    uvloop.run(accept())
    return Greets.here


def test_all_who_wait_are_accepted_at_once(
    listener: socket.socket, callers: list[socket.socket]
) -> None:
    assert accepted(listener) == WAITING


def test_with_one_accepted_at_a_time_the_test_sees_that_most_wait(
    listener: socket.socket, callers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "TOGETHER", 1)
    assert 0 < accepted(listener) <= 2 * ROUNDS


def test_who_is_accepted_is_answered(listener: socket.socket, callers: list[socket.socket]) -> None:
    accepted(listener, seconds=0.2)
    assert {caller.recv(100) for caller in callers} == {b"welcome"}


def test_after_it_is_closed_nobody_is_accepted(
    listener: socket.socket, callers: list[socket.socket]
) -> None:
    async def close_at_once() -> None:
        accepting.Accepting(listener, Greets).close()
        await asyncio.sleep(0.1)

    Greets.here = 0
    uvloop.run(close_at_once())
    assert Greets.here == 0


def test_without_a_free_descriptor_others_are_served_and_it_tries_again(
    listener: socket.socket,
    callers: list[socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(accepting, "TRIES_AGAIN_AFTER", 0.05)
    full = FullAtFirst(fileno=listener.detach())
    with full:
        assert accepted(full, seconds=1) == WAITING
    assert [record.getMessage() for record in caplog.records] == [
        "No connection can be accepted for a moment: Too many open files."
    ]


class FullAtFirst(socket.socket):
    """Stands for a system whose table of files is full once."""

    was_full = False

    def accept(self) -> tuple[socket.socket, object]:
        if not self.was_full:
            self.was_full = True
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()
