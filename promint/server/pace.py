"""How long a body may take. Only the time in which the server waits for the caller counts, not
the time in which the caller waits for the server."""

import asyncio

from promint.api import asgi
from promint.api.asgi import Receive, Received

PATIENCE = 30.0  # seconds for the next piece
HEAD_START = 30.0  # seconds for any body
LEAST_RATE = 32 * 1024  # bytes a second, beyond the head start
LONGEST = 1_800.0  # seconds for a body of any size


def seconds_left(received: int, waited: float) -> float:
    """How long the next piece may take, after so many bytes and so many seconds of waiting."""
    return min(PATIENCE, min(HEAD_START + received / LEAST_RATE, LONGEST) - waited)


class Incoming:
    """The body of one request. A part of it is gathered here; the rest is passed on while it
    arrives."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gathered: bytearray | None = bytearray()
        self._received = 0  # bytes
        self._waited = 0.0  # seconds
        self.is_whole = False  # all of it has arrived
        self.is_gone = False  # the caller has disconnected
        self.is_late = False  # the caller was too slow; to the application it is gone

    async def gather(self, most: int) -> None:
        """Receive all of the body, or until there are more than `most` bytes."""
        assert self._gathered is not None
        while not (self.is_whole or self.is_gone) and self._received <= most:
            self._gathered += _content(await self._next())

    @property
    def size(self) -> int:
        """The size of a complete body, in bytes."""
        return self._received

    def is_whole_within(self, most: int) -> bool:
        return self.is_whole and self._received <= most

    async def receive(self) -> Received:
        if self._gathered is None:
            return await self._next()
        gathered, self._gathered = bytes(self._gathered), None
        return asgi.request(gathered, more=not self.is_whole)

    async def _next(self) -> Received:
        if self.is_whole:  # all that can still be received is that the caller disconnects
            return await self._receive()
        if self.is_gone:
            return asgi.GONE
        time = asyncio.get_running_loop().time
        began = time()
        try:
            async with asyncio.timeout(seconds_left(self._received, self._waited)):
                message = await self._receive()
        except TimeoutError:
            self.is_late = True
            message = asgi.GONE
        self._waited += time() - began
        self._received += len(_content(message))
        self.is_gone = message["type"] == "http.disconnect"
        self.is_whole = message["type"] == "http.request" and not message.get("more_body")
        return message


def _content(message: Received) -> bytes:
    return message.get("body", b"") if message["type"] == "http.request" else b""
