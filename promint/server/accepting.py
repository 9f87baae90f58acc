"""Accepts the connections that wait on a listening socket: one at a time while there is little to
do, so that other processes have their share, and many while many callers are served.

uvloop's own server always accepts one, each time it has looked at all other connections (since
https://github.com/libuv/libuv/pull/3696). While thousands of callers send as much as they can,
whoever comes, such as a load balancer that asks for /healthz, would wait for minutes.
"""

import asyncio
import logging
import select
import socket
import time
from collections.abc import Callable

LATE = 0.05  # seconds that somebody may wait before more than one is accepted
SECONDS_EACH = 0.001  # beyond that, for each further connection that is then accepted
MOST_TOGETHER = 256  # connections that are accepted before others have their turn
TRIES_AGAIN_AFTER = 1.0  # seconds, if the system has no room for a further connection

log = logging.getLogger(__name__)


class Accepting:
    """Accepts until it is closed. `make_protocol` makes the protocol of one connection, and
    `places` says how many more there are places for."""

    def __init__(
        self,
        listening: socket.socket,
        make_protocol: Callable[[], asyncio.Protocol],
        places: Callable[[], int],
    ) -> None:
        self._listening, self._make_protocol, self._places = listening, make_protocol, places
        self._loop = asyncio.get_running_loop()
        self._beginning: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive
        self._looked_at: float | None = None  # when it was seen that somebody waits; monotonic
        self._is_closed = False
        listening.setblocking(False)
        self._waiting = select.poll()
        self._waiting.register(listening, select.POLLIN)
        self._resume()

    @property
    def is_beginning(self) -> bool:
        """Whether connections are accepted of which the server does not know yet."""
        return bool(self._beginning)

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
            for _ in range(self._how_many()):
                self._begin(self._listening.accept()[0])
        except (BlockingIOError, ConnectionAbortedError):
            pass  # another process was faster, or who waited went away
        except OSError as error:
            log.error("No connection can be accepted for a moment: %s.", error.strerror)
            self._loop.remove_reader(self._listening)
            self._loop.call_later(TRIES_AGAIN_AFTER, self._resume)
        self._look()

    def _look(self) -> None:
        """Note whether somebody is left waiting. If the loop does not come back then because of
        them, another process has accepted them, and the note means nothing any more."""
        self._looked_at = time.monotonic() if self._waiting.poll(0) else None
        if self._looked_at is not None:
            self._loop.call_soon(self._loop.call_soon, self._forget, self._looked_at)

    def _forget(self, looked_at: float) -> None:
        if self._looked_at == looked_at:
            self._looked_at = None

    def _how_many(self) -> int:
        """If somebody was left waiting, the loop comes back at once unless it has much to do."""
        if self._looked_at is None:
            return 1
        passed = time.monotonic() - self._looked_at
        # If all places are taken, each newcomer takes the place of somebody, and needs a descriptor
        # until that connection is closed. So a crowd of newcomers must not be fast.
        free = self._places() - len(self._beginning)
        return max(1, min(int((passed - LATE) / SECONDS_EACH), free, MOST_TOGETHER))

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
