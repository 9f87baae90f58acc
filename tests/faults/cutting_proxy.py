"""A connection to the database that breaks at the worst moment: during a COMMIT."""

import socket

from tests.proxy import Proxy, hang_up, read

COMMIT = b"COMMIT\0"


class CuttingProxy(Proxy):
    """When armed, cuts the connection at the next COMMIT of a transaction with a certain
    statement: before the server gets it, or after the server has done it but before the client
    is told."""

    def __init__(self, port: int, statement: bytes) -> None:
        super().__init__(port)
        self._statement = statement
        self.cut: str | None = None  # "before" or "after"
        self.cuts = 0

    def to_server(self, client: socket.socket, server: socket.socket) -> None:
        wanted = False
        while data := read(client):
            wanted = wanted or self._statement in data
            if self.cut and wanted and COMMIT in data:
                self._cut(client, server, data)
                return
            self.pass_on(data, server)
        hang_up(server)

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        how, self.cut = self.cut, None
        hang_up(client)
        if how == "after":
            server.sendall(data)
            server.settimeout(10)
            read(server)  # the server's answer that it is done, which nobody gets
        hang_up(server)
        self.cuts += 1
