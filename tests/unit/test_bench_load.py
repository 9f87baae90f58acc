"""What the load of the benchmarks and of the crowds says of a server that closes connections."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, repeat
from typing import cast

import pytest
import uvloop

from bench import load

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
CALLERS = load.OPENED_TOGETHER + 1


class Answers(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER)


@contextmanager
def listening(protocol: type[Answers]) -> Iterator[int]:
    """The port of a server in a thread of its own."""
    loop = uvloop.new_event_loop()
    server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


def press(port: int) -> load.Measured:
    """Each caller sends two requests, or more."""
    measured = load.Measured()
    wanted = 2 * CALLERS

    def goes_on(past: float) -> bool:
        return past < 20 and measured.statuses.total() < wanted

    load.press(port, repeat(REQUEST), 1_000_000, CALLERS, goes_on, measured)
    return measured


def test_all_connections_are_opened_and_used() -> None:
    with listening(Answers) as port:
        measured = press(port)
    assert measured.statuses[200] >= 2 * CALLERS


def test_a_connection_that_was_closed_while_nothing_was_sent_on_it_is_noticed() -> None:
    came = count()

    class ClosesTheFirst(Answers):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            if next(came) == 0:
                self.transport.close()

    with listening(ClosesTheFirst) as port, pytest.raises(ConnectionError):
        press(port)
