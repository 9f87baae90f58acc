"""Accepts the connections that wait on a listening socket, many at a time.

uvloop's own server accepts one connection each time it has looked at all others (libuv 1.46 and
later, https://github.com/libuv/libuv/pull/3696). While thousands of callers send as much as they
can, whoever comes, such as a load balancer that asks for /healthz, would wait for minutes.
"""

import asyncio
import logging
import socket
from collections.abc import Callable

TOGETHER = 128  # connections that are accepted before others have their turn
TRIES_AGAIN_AFTER = 1.0  # seconds, if the system has no room for a further connection

log = logging.getLogger(__name__)


class Accepting:
    """Accepts until it is closed. `make_protocol` makes the protocol of one connection."""

    def __init__(
        self, listening: socket.socket, make_protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        self._listening, self._make_protocol = listening, make_protocol
        self._loop = asyncio.get_running_loop()
        self._beginning: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive
        self._is_closed = False
        listening.setblocking(False)
        self._resume()

    def close(self) -> None:
        """Close this process's own descriptor of the socket too: if no other process has one, who
        comes now is refused at once and can ask elsewhere."""
        self._is_closed = True
        self._loop.remove_reader(self._listening)
        self._listening.close()

    def _resume(self) -> None:
        if not self._is_closed:
            self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        try:
            for _ in range(TOGETHER):
                self._begin(self._listening.accept()[0])
        except (BlockingIOError, ConnectionAbortedError):
            pass  # nobody waits, or who waited went away: the loop says when somebody comes
        except OSError as error:
            log.error("No connection can be accepted for a moment: %s.", error.strerror)
            self._loop.remove_reader(self._listening)
            self._loop.call_later(TRIES_AGAIN_AFTER, self._resume)

    def _begin(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        task = self._loop.create_task(self._connect(accepted))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _connect(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._make_protocol, accepted)
        except OSError:  # the caller went away meanwhile
            accepted.close()
