"""Short names of ASGI's types, and the two events of an answer."""

from collections.abc import Awaitable, Callable, Iterable

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
