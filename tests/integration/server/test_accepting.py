"""Who waits on the listening socket is accepted together with others, so that nobody who comes
while thousands are served waits for as many rounds as there are others before them."""

import asyncio
import errno
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import uvloop

from promint.server import accepting, listening

WAITING = 100
ROUNDS = 6  # of the loop
MUCH = 0.05  # seconds of other work in a round


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


def accepted(listener: socket.socket, work: float = 0.0, seconds: float = 0.0) -> int:
    """How many are accepted in a few rounds of a loop that also has other `work`, in seconds, in
    each of them, and so many seconds after them."""

    async def accept() -> None:
        accepts = accepting.Accepting(listener, Greets)
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
            time.sleep(work)
        await asyncio.sleep(seconds)
        accepts.close()

    Greets.here = 0
    uvloop.run(accept())
    return Greets.here


def test_a_loop_with_much_work_accepts_all_who_wait(
    listener: socket.socket, callers: list[socket.socket]
) -> None:
    assert accepted(listener, MUCH) == WAITING


def test_with_one_accepted_at_a_time_the_test_sees_that_most_wait(
    listener: socket.socket, callers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "MOST_TOGETHER", 1)
    assert 0 < accepted(listener, MUCH) <= 2 * ROUNDS


def test_a_loop_with_little_work_leaves_others_to_other_processes(
    listener: socket.socket, callers: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "SECONDS_EACH", 60.0)  # however slow this machine is
    assert 0 < accepted(listener) <= 2 * ROUNDS


def test_who_is_accepted_is_answered(listener: socket.socket, callers: list[socket.socket]) -> None:
    accepted(listener, seconds=1)
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
