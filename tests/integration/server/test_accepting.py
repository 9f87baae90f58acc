"""Who waits on the listening socket is accepted together with others, so that nobody who comes
while thousands are served waits for as many rounds as there are others before them."""

import asyncio
import errno
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
import uvloop

from promint.server import accepting, listening

WAITING = 100
ROUNDS = 6  # of the loop
MUCH = 0.2  # seconds of other work in a round


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


def places() -> int:
    return 1_000


def accepted(listener: socket.socket, work: float = 0.0, places: Callable[[], int] = places) -> int:
    """How many are accepted in a few rounds of a loop that also has other `work`, in seconds, in
    each of them."""

    async def accept() -> None:
        accepts = accepting.Accepting(listener, Greets, places)
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
            time.sleep(work)
        accepts.close()

    Greets.here = 0
    uvloop.run(accept())
    return Greets.here


def all_are_accepted(listener: socket.socket) -> None:
    async def accept() -> None:
        accepts = accepting.Accepting(listener, Greets, places)
        async with asyncio.timeout(60):
            while Greets.here < WAITING:
                await asyncio.sleep(0.01)
        accepts.close()

    Greets.here = 0
    uvloop.run(accept())


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


def test_where_all_places_are_taken_one_is_accepted_at_a_time(
    listener: socket.socket, callers: list[socket.socket]
) -> None:
    assert 0 < accepted(listener, MUCH, places=lambda: 0) <= 2 * ROUNDS


def test_time_in_which_nobody_waited_does_not_count(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody was left waiting, another process accepted them, and then nobody came."""
    monkeypatch.setattr(accepting, "SECONDS_EACH", 0.02)
    address = listener.getsockname()

    async def accept(stack: ExitStack) -> int:
        def come(many: int) -> None:
            for _ in range(many):
                stack.enter_context(socket.create_connection(address, timeout=10))

        another = stack.enter_context(listener.dup())

        class LeavesTheRest(Greets):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                Greets.here += 1
                with suppress(BlockingIOError):
                    while Greets.here == 1:
                        stack.enter_context(another.accept()[0])

        accepts = accepting.Accepting(listener, LeavesTheRest, places)
        come(3)
        await until_more_are_here_than(0)
        await asyncio.sleep(1)
        before = Greets.here
        come(20)
        await until_more_are_here_than(before)
        accepts.close()
        return Greets.here - before

    Greets.here = 0
    with ExitStack() as stack:
        assert uvloop.run(accept(stack)) <= 3


async def until_more_are_here_than(before: int) -> None:
    async with asyncio.timeout(60):
        while Greets.here <= before:
            await asyncio.sleep(0)


def test_who_is_accepted_is_answered(listener: socket.socket, callers: list[socket.socket]) -> None:
    all_are_accepted(listener)
    assert {caller.recv(100) for caller in callers} == {b"welcome"}


def test_after_it_is_closed_nobody_is_accepted(
    listener: socket.socket, callers: list[socket.socket]
) -> None:
    async def close_at_once() -> None:
        accepting.Accepting(listener, Greets, places).close()
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
        all_are_accepted(full)
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
