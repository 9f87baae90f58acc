"""The short way of a request: it is passed to the door as it is, and answered by a call, without
the task and the messages that ASGI needs. That halves what a claim costs here."""

from collections.abc import Callable
from http import HTTPStatus

from promint.api.asgi import Scope

Header = tuple[bytes, bytes]
Answer = Callable[[int, list[Header], bytes], None]  # called with status, headers and body
Take = Callable[[Scope, bytes, Answer], bool]  # False: it was not taken, and goes the long way

_STATUS_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n".encode() for s in HTTPStatus}


def take(scope: Scope, body: bytes, answer: Answer) -> bool:
    from promint.server.asgi import take_claim  # it sets Django up

    return take_claim(scope, body, answer)


def head(status: int, headers: list[Header]) -> bytes:
    """The head of an answer."""
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join([_STATUS_LINES[status], *lines, b"\r\n"])
