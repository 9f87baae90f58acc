"""The HTTP server: its configuration, and a shutdown in which no request is lost."""

import asyncio
import gc
import socket
from functools import partial

import uvicorn

from promint import environment
from promint.core import measures
from promint.server import callers, connection, short_way, supervisor
from promint.server.accepting import Accepting
from promint.server.answer_counts import AnswerCounts
from promint.server.cut_off import CutOff

HSTS = f"max-age={365 * 24 * 3600}"
LAST_REQUESTS = 0.5  # seconds in which open connections may bring a last request
TICKS = 10  # of a tenth of a second each, between writing down figures
OBJECTS_BETWEEN_LOOKS = 50_000
STOP_SECONDS = 7  # for answers that are being sent


class HttpServer(uvicorn.Server):
    def __init__(self) -> None:
        self._cut_off, self._answers = CutOff(), AnswerCounts()
        self._callers = callers.Callers(callers.make_places())
        protocol = partial(
            short_way.ConnectionWithShortWay,
            callers=self._callers,
            cut_off=self._cut_off,
            answers=self._answers,
            take=short_way.take,
        )
        config = uvicorn.Config(
            "promint.server.asgi:application",
            http=protocol,  # type: ignore[arg-type]
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,  # it would write paths, and two of them hold codes
            server_header=False,
            headers=_under_https(),
            timeout_keep_alive=connection.IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])  # uvicorn would let uvloop accept
        self._accepting = [
            Accepting(one, self._connection, lambda: self._callers.places) for one in sockets or []
        ]
        _look_for_garbage_seldom()
        supervisor.tell_ready()

    def _connection(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS == 0:
            self._answers.write()
            measures.callers(len(self._callers))
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop without losing requests.

        uvicorn would close idle connections at once, and a request might just have been sent on one
        of them. So answers first announce that the connection ends.
        """
        self._cut_off.tell()
        for accepting in self._accepting:
            accepting.close()
        own = self.server_state.default_headers
        self.server_state.default_headers = [*own, connection.CLOSE]
        until = asyncio.get_running_loop().time() + LAST_REQUESTS
        while self._has_callers() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)
        self._answers.write()

    def _has_callers(self) -> bool:
        beginning = any(accepting.is_beginning for accepting in self._accepting)
        return beginning or bool(self.server_state.connections)


def _look_for_garbage_seldom() -> None:
    """What is loaded now stays until the end, and requests leave hardly any circles of objects, so
    Python need not look through all objects after every few hundred."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)


def _under_https() -> list[tuple[str, str]]:
    """Headers of every answer. If PROMINT_BASE_URL begins with https://, all requests came over
    TLS, whatever a proxy says."""
    secure = environment.base_url().startswith("https:")
    return [("strict-transport-security", HSTS)] if secure else []
