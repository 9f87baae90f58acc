"""A proxy to a server on this machine, in which a test can interfere."""

import socket
import threading
from contextlib import suppress
from typing import Self

from tests.databases import HOST


class Proxy:
    """Forwards to a port. What is sent to the server passes through `to_server`, and all data
    through `pass_on`. A subclass changes one of the two."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        hang_up(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            try:
                server = socket.create_connection((HOST, self._target))
            except OSError:
                hang_up(client)  # nobody listens there now
                continue
            for pump, ends in (
                (self.to_server, (client, server)),
                (self._forward, (server, client)),
            ):
                threading.Thread(target=pump, args=ends, daemon=True).start()

    def to_server(self, client: socket.socket, server: socket.socket) -> None:
        self._forward(client, server)

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        while data := read(source):
            self.pass_on(data, sink)
        hang_up(sink)

    def pass_on(self, data: bytes, sink: socket.socket) -> None:
        with suppress(OSError):  # the other side is gone; its own pump ends this connection
            sink.sendall(data)


def hang_up(end: socket.socket) -> None:
    """Shut the connection down. Only closing it would wait for the thread that reads from it."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def read(source: socket.socket) -> bytes:
    """The data; empty if the other side has closed the connection."""
    try:
        return source.recv(65536)
    except OSError:
        return b""
