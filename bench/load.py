"""A load of HTTP requests over many connections: as many as are possible, or so many a second."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop

PACE = 0.001  # seconds between looks at what is due
# Connections that are opened at once. One after the other, thousands take minutes on a busy
# machine, and the first are closed by the server meanwhile, because nothing is sent on them.
OPENED_TOGETHER = 250


@dataclass
class Measured:
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)  # seconds

    def note(self, head: bytes, seconds: float) -> None:
        """An answer with this head has come. A subclass may note more of it."""
        self.statuses[int(head[9:12])] += 1
        self.latencies.append(seconds)

    @property
    def per_second(self) -> float:
        return self.statuses.total() / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection(asyncio.Protocol):
    """As much of HTTP/1.1 as is needed. `then` is called when an answer has arrived."""

    def __init__(self, measured: Measured, then: Callable[["_Connection"], None]) -> None:
        self._measured, self._then = measured, then
        self._received = b""
        self._since = 0.0
        self._is_waiting = False
        self.lost: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, due: float) -> None:
        """`due`: the time from which its answer counts as waited for; monotonic."""
        self._since, self._is_waiting = due, True
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if found and _is_whole(head.lower(), body):
            self._measured.note(head, time.monotonic() - self._since)
            self._received, self._is_waiting = b"", False
            self._then(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = error or ConnectionError("The server closed the connection.")
        if self._is_waiting:
            self._then(self)


def _is_whole(head: bytes, body: bytes) -> bool:
    """`head`: in lower case. An answer without a length comes in chunks."""
    start = head.find(b"content-length:")
    if start < 0:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(head[start + 15 :].split(b"\r\n", 1)[0])


def request(port: int, key: str, code: str, customer: str) -> bytes:
    body = b'{"code":"%b","customer":"%b"}' % (code.encode(), customer.encode())
    return post(port, key, "/api/v1/claims", body)


def post(port: int, key: str, path: str, body: bytes) -> bytes:
    """A request with a body of JSON."""
    return (
        b"POST %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %b\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    ) % (path.encode(), port, key.encode(), len(body), body)


def run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Measured:
    """Send requests until the time is over or there are no more requests. Each connection sends
    its next request when it has an answer."""
    return uvloop.run(_run(port, requests, connections, seconds))


def run_at(
    port: int, requests: Iterator[bytes], a_second: float, connections: int, seconds: float
) -> Measured:
    """Send so many requests a second, whatever the answers are doing. A request that waits for a
    free connection counts from when it was due."""
    return uvloop.run(_run_at(port, requests, a_second, connections, seconds))


def press(
    port: int,
    requests: Iterator[bytes],
    a_second: float,
    connections: int,
    goes_on: Callable[[float], bool],
    measured: Measured,
) -> float:
    """Send so many requests a second while it `goes_on` after so many seconds; fewer while all
    connections wait for their answers. Returns the seconds from the last request to the last
    answer."""
    return uvloop.run(_press(port, requests, a_second, connections, goes_on, measured))


async def _run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Measured:
    measured, started = Measured(), time.monotonic()
    all_done = asyncio.get_running_loop().create_future()
    busy = connections

    def next_request(connection: _Connection) -> None:
        nonlocal busy
        now = time.monotonic()
        if connection.lost is not None and not all_done.done():
            all_done.set_exception(connection.lost)
        elif now < started + seconds and (request := next(requests, None)) is not None:
            connection.send(request, now)
        else:
            busy -= 1
            if not busy and not all_done.done():
                all_done.set_result(None)

    opened = await _connect(port, connections, measured, next_request)
    started = time.monotonic()
    for connection in opened:
        next_request(connection)
    await all_done
    measured.seconds = time.monotonic() - started
    _close(opened)
    return measured


async def _run_at(
    port: int, requests: Iterator[bytes], a_second: float, connections: int, seconds: float
) -> Measured:
    measured = Measured()
    free: deque[_Connection] = deque()
    opened = await _connect(port, connections, measured, free.append)
    free.extend(opened)
    started, sent = time.monotonic(), 0
    while sent < seconds * a_second:
        while free and sent / a_second <= time.monotonic() - started:
            _alive(free[0]).send(next(requests), started + sent / a_second)
            free.popleft()
            sent += 1
        await asyncio.sleep(PACE)
    while len(free) < connections:
        await asyncio.sleep(PACE)
    measured.seconds = time.monotonic() - started
    _close(opened)
    return measured


async def _press(
    port: int,
    requests: Iterator[bytes],
    a_second: float,
    connections: int,
    goes_on: Callable[[float], bool],
    measured: Measured,
) -> float:
    free: deque[_Connection] = deque()
    opened = await _connect(port, connections, measured, free.append)
    free.extend(opened)
    started, sent = time.monotonic(), 0
    while goes_on(past := time.monotonic() - started):
        for _ in range(min(len(free), int(a_second * past) - sent)):
            _alive(free[0]).send(next(requests), time.monotonic())
            free.popleft()
            sent += 1
        await asyncio.sleep(PACE)
    while len(free) < connections:
        await asyncio.sleep(PACE)
    measured.seconds = time.monotonic() - started
    _close(opened)
    return measured.seconds - past


def _alive(connection: _Connection) -> _Connection:
    if connection.lost is not None:
        raise connection.lost
    return connection


async def _connect(
    port: int, connections: int, measured: Measured, then: Callable[[_Connection], None]
) -> list[_Connection]:
    async def connect() -> _Connection:
        loop = asyncio.get_running_loop()
        made = await loop.create_connection(lambda: _Connection(measured, then), "127.0.0.1", port)
        return made[1]

    opened: list[_Connection] = []
    while missing := connections - len(opened):
        together = min(OPENED_TOGETHER, missing)
        opened += await asyncio.gather(*(connect() for _ in range(together)))
    return opened


def _close(opened: list[_Connection]) -> None:
    for connection in opened:
        connection.transport.close()
