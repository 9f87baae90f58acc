"""A request gets a thread when its body has come: callers who send slowly hold none meanwhile."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

WAITED_FOR = 1_048_576  # bytes of a body; the rest of a larger one is read as it comes
LARGER = 4  # bodies read as they come at a time, each by a thread

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class WholeRequests:
    def __init__(self, app: App) -> None:
        self._app = app
        self._larger = asyncio.Semaphore(LARGER)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        came = deque([await receive()])
        size = 0
        while came[-1].get("more_body", False) and size < WAITED_FOR:
            size += len(came[-1]["body"])
            came.append(await receive())

        async def again() -> Message:
            return came.popleft() if came else await receive()

        last = came[-1]
        if last["type"] == "http.disconnect":
            return
        if not last.get("more_body", False):
            await self._app(scope, again, send)
            return
        async with self._larger:
            await self._app(scope, again, send)
