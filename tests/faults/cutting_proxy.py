"""A way to the database that breaks at the worst moment: while COMMIT is on it."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.databases import HOST

COMMIT = b"COMMIT\0"


class CuttingProxy:
    """Forwards to PostgreSQL. Armed, it cuts the connection at the next COMMIT after an insert of
    a claim: before the server sees it, or when the server has done it but nobody was told."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self.cut: str | None = None  # "before" or "after"
        self.cuts = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            server = socket.create_connection((HOST, self._target))
            for pump, ends in ((self._to_server, (client, server)), (_forward, (server, client))):
                threading.Thread(target=pump, args=ends, daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        claiming = False
        while data := _read(client):
            claiming = claiming or b"INSERT INTO core_claim " in data
            if self.cut and claiming and COMMIT in data:
                self._cut(client, server, data)
                return
            server.sendall(data)
        _hang_up(server)

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        how, self.cut = self.cut, None
        _hang_up(client)
        if how == "after":
            server.sendall(data)
            server.settimeout(1)
            _read(server)  # its word that it is done, which nobody gets
        _hang_up(server)
        self.cuts += 1


def _forward(source: socket.socket, sink: socket.socket) -> None:
    while data := _read(source):
        try:
            sink.sendall(data)
        except OSError:
            return
    _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    """A close alone waits for the thread that reads from it."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def _read(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""
