"""A connection that the nemesis delays, cuts, swallows, or cuts in the middle of a COMMIT."""

import socket
import time

from tests.faults.cutting_proxy import CuttingProxy
from tests.proxy import hang_up


class Wire(CuttingProxy):
    """`delay`: seconds for each piece of data, in both directions. While `swallowing`, nothing
    arrives and nobody is told. `delayed` and `swallowed` count pieces of data."""

    def __init__(self, port: int) -> None:
        super().__init__(port, statement=b"")  # the COMMIT of any transaction
        self.delay = 0.0
        self.swallowing = False
        self.delayed = self.swallowed = 0
        self._open: set[tuple[socket.socket, socket.socket]] = set()

    def to_server(self, client: socket.socket, server: socket.socket) -> None:
        self._open.add((client, server))
        super().to_server(client, server)
        self._open.discard((client, server))

    def pass_on(self, data: bytes, sink: socket.socket) -> None:
        if self.delay:
            self.delayed += 1
            time.sleep(self.delay)
        if self.swallowing:
            self.swallowed += 1
        else:
            super().pass_on(data, sink)

    def cut_all(self) -> int:
        """Cut every connection, and return how many there were."""
        there = list(self._open)
        for ends in there:
            for end in ends:
                hang_up(end)
        return len(there)
