"""Short names of ASGI's types, and the events of an answer."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from asgiref.typing import ASGIReceiveCallable as Receive
from asgiref.typing import ASGIReceiveEvent as Received
from asgiref.typing import ASGISendCallable as Send
from asgiref.typing import ASGISendEvent as Sent
from asgiref.typing import (
    HTTPDisconnectEvent,
    HTTPRequestEvent,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
)
from asgiref.typing import HTTPScope as Scope

__all__ = [
    "GONE",
    "App",
    "Receive",
    "Received",
    "Scope",
    "Send",
    "Sent",
    "body",
    "request",
    "send_whole",
    "start",
]

App = Callable[[Scope, Receive, Send], Awaitable[None]]
GONE: HTTPDisconnectEvent = {"type": "http.disconnect"}


def request(content: bytes, more: bool) -> HTTPRequestEvent:
    return {"type": "http.request", "body": content, "more_body": more}


def start(status: int, headers: Iterable[tuple[bytes, bytes]]) -> HTTPResponseStartEvent:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": headers,
        "trailers": False,
    }


def body(content: bytes, more: bool = False) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": content, "more_body": more}


async def send_whole(
    send: Send, status: int, kind: str, content: bytes, request_id: str, more: Mapping[str, str]
) -> None:
    """Send an answer that nobody may keep. `kind`: its media type; `more`: further headers."""
    headers = {
        "content-type": kind,
        "content-length": str(len(content)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": request_id,
        **more,
    }
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send(start(status, encoded))
    await send(body(content))
