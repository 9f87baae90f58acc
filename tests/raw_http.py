"""HTTP written by hand, for requests that no client library would send."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


class RawCaller:
    """One connection to a server; closed with its `with` block."""

    def __init__(self, url: str, timeout: float = 60, receive_buffer: int | None = None) -> None:
        """`receive_buffer`: how many bytes of an unread answer are accepted."""
        address = urlsplit(url)
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((address.hostname, address.port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Self:
        self.socket.sendall(data)
        return self

    def send_as_it_goes(self, data: bytes) -> Self:
        """Send without regard to errors, like a client that then looks for an answer."""
        with suppress(OSError):
            self.socket.sendall(data)
        return self

    def say_no_more(self) -> Self:
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def answer(self, method: str = "GET") -> Answer:
        got = HTTPResponse(self.socket, method=method)
        got.begin()
        headers = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, headers, got.read())

    def answers(self) -> list[int]:
        """The statuses of all answers until the connection ends."""
        came = self.socket.makefile("rb")
        statuses = []
        while line := came.readline():
            statuses.append(int(line.split()[1]))
            length = 0
            while (field := came.readline()) not in (b"\r\n", b""):
                name, _, value = field.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            came.read(length)
        return statuses

    def is_cut_off(self) -> bool:
        """Whether the server has ended the connection, or ends it within the timeout."""
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


def head(method: str, path: str, *fields: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: promint", *fields, "", ""]).encode()
