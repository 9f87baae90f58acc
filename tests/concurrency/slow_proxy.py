"""A way to the database that takes its time, as if it stood in another country."""

import socket
import time

from tests.proxy import Proxy, hang_up, read


class SlowProxy(Proxy):
    """Whatever goes to the server waits `seconds` first."""

    def __init__(self, port: int, seconds: float) -> None:
        super().__init__(port)
        self._seconds = seconds

    def to_server(self, client: socket.socket, server: socket.socket) -> None:
        while data := read(client):
            time.sleep(self._seconds)
            server.sendall(data)
        hang_up(server)
