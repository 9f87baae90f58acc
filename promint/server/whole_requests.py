"""A request gets a thread when its body has come: callers who send slowly hold none meanwhile.

A caller who stands still for a while, sending or taking the answer, is taken to have gone away.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

WAITED_FOR = 1_048_576  # bytes of a body; the rest of a larger one is read as it comes
LARGER = 4  # bodies read as they come at a time, each by a thread
PATIENCE = 30.0  # seconds in which the next piece must come, or be taken

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)


class WholeRequests:
    def __init__(self, app: App) -> None:
        self._app = app
        self._larger = asyncio.Semaphore(LARGER)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        caller = _Caller(receive, send)
        whole = await caller.wait()
        if caller.is_gone:
            await _say_too_slow(send)
            return
        if whole:
            await self._app(scope, caller.receive, caller.send)
            return
        async with self._larger:
            await self._app(scope, caller.receive, caller.send)


async def _say_too_slow(send: Send) -> None:
    body = b"The request did not come in time.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 408, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Caller:
    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._came: bytearray | None = bytearray()
        self._more = True  # of the body is to come
        self.is_gone = False

    async def wait(self) -> bool:
        """For the body, or the first of it; whether that is all."""
        assert self._came is not None
        while self._more and len(self._came) < WAITED_FOR:
            self._came += (await self._next()).get("body", b"")
        return not self._more

    async def receive(self) -> Message:
        if self._came is not None:
            came, self._came = bytes(self._came), None
            return {"type": "http.request", "body": came, "more_body": self._more}
        return await self._next()

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(PATIENCE if self._more else None):
                message = await self._receive()
        except TimeoutError:
            message = {"type": "http.disconnect"}
        self._more = message.get("more_body", False)
        self.is_gone = self.is_gone or message["type"] == "http.disconnect"
        return message

    async def send(self, message: Message) -> None:
        """Nothing to one who is gone: raised, the error would leave a thread waiting for ever."""
        if self.is_gone:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._send(message)
        except (TimeoutError, OSError, RuntimeError) as error:
            log.warning("An answer was not taken: %s", type(error).__name__)
            self.is_gone = True
