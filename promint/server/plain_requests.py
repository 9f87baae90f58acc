"""Reads the plainest requests without a parser of HTTP: claims and validations of which head and
body came together, and nothing else with them.

What is unusual in any way is not read here, and goes to the parser. So nothing is taken for a
request, or for the end of one, that the parser would take for something else.
"""

import re
from asyncio import Event
from functools import lru_cache
from typing import NamedTuple

_MOST = 16 * 1024  # bytes of a plain request
_STARTS = {
    b"POST %b HTTP/1.1" % path.encode(): path for path in ("/api/v1/claims", "/api/v1/validations")
}
# A name, a colon, and words of visible characters with one space between them.
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([!-~\x80-\xff]+(?: [!-~\x80-\xff]+)*)")
_ABOUT_THE_CONNECTION = {b"connection", b"expect", b"transfer-encoding", b"upgrade"}


class PlainRequest(NamedTuple):
    path: str
    headers: dict[bytes, bytes]  # names in lower case
    body: bytes


class PlainCycle:
    """What uvicorn asks of a request under way, for a plain request. Each connection has one and
    uses it again."""

    __slots__ = ("body", "disconnected", "keep_alive", "path", "response_complete")

    more_body = False
    message_event = Event()  # nobody waits for it

    def __init__(self) -> None:
        self.body = bytearray()
        self.disconnected = False
        self.response_complete = True

    def begin(self, path: str) -> None:
        self.path, self.keep_alive, self.response_complete = path, True, False


def plain_request(data: bytes) -> PlainRequest | None:
    """The request; None if the parser must look at it."""
    head, _, body = data.partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    path = _STARTS.get(start)
    if path is None or len(data) > _MOST:
        return None
    headers = dict(map(_field, lines))
    is_plain = (
        b"" not in headers
        and len(headers) == len(lines)
        and b"host" in headers
        and headers.get(b"content-length") == b"%d" % len(body)
    )
    return PlainRequest(path, headers, body) if is_plain else None


@lru_cache(1024)
def _field(line: bytes) -> tuple[bytes, bytes]:
    """Name and value of a field; an empty name if it is not plain."""
    found = _FIELD.fullmatch(line)
    if found is None:
        return b"", b""
    name, value = found[1].lower(), found[2]
    is_usual = name not in _ABOUT_THE_CONNECTION or line.lower() == b"connection: keep-alive"
    return (name, value) if is_usual else (b"", b"")
