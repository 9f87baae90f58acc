"""A slow connection to the database, as if it were in another country."""

import socket
import time

from tests.proxy import Proxy, hang_up, read


class SlowProxy(Proxy):
    """Delays what is sent to the server by `seconds`."""

    def __init__(self, port: int, seconds: float) -> None:
        super().__init__(port)
        self._seconds = seconds

    def to_server(self, client: socket.socket, server: socket.socket) -> None:
        while data := read(client):
            time.sleep(self._seconds)
            server.sendall(data)
        hang_up(server)
