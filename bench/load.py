"""A load of HTTP requests over many connections, each of which sends its next request when it
has an answer."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop


@dataclass
class Measured:
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)  # seconds

    @property
    def per_second(self) -> float:
        return self.statuses.total() / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection(asyncio.Protocol):
    """As much of HTTP/1.1 as is needed for answers with a Content-Length."""

    def __init__(self, requests: Iterator[bytes], measured: Measured, ends: float) -> None:
        self._requests, self._measured, self._ends = requests, measured, ends
        self._received = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        self._sent = time.monotonic()
        request = next(self._requests, None) if self._sent < self._ends else None
        if request is None:
            self._transport.close()
            self.done.set_result(None)
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if found and len(body) >= _content_length(head):
            self._measured.statuses[int(head[9:12])] += 1
            self._measured.latencies.append(time.monotonic() - self._sent)
            self._received = b""
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("The server closed the connection."))


def _content_length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + 15
    return int(head[start:].split(b"\r\n", 1)[0])


def request(port: int, key: str, code: str, customer: str) -> bytes:
    body = b'{"code":"%b","customer":"%b"}' % (code.encode(), customer.encode())
    return (
        b"POST /api/v1/claims HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %b\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    ) % (port, key.encode(), len(body), body)


def run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Measured:
    """Send requests until the time is over or there are no more requests."""
    return uvloop.run(_run(port, requests, connections, seconds))


async def _run(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Measured:
    measured, started = Measured(), time.monotonic()
    loop, ends = asyncio.get_running_loop(), started + seconds
    opened = [
        await loop.create_connection(
            lambda: _Connection(requests, measured, ends), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in opened))
    measured.seconds = time.monotonic() - started
    return measured
