"""The HTTP server, ending so that no request is lost on its way."""

import asyncio
import socket

import uvicorn

from promint.server import supervisor

LAST_REQUESTS = 0.5  # seconds in which connections that are kept open may bring one


class HttpServer(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        supervisor.tell_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn would close idle connections at once, maybe with a request just sent on them.

        So answers first tell their callers that the connection ends here.
        """
        for server in self.servers:
            server.close()
        ends = (b"connection", b"close")
        self.server_state.default_headers = [*self.server_state.default_headers, ends]
        until = asyncio.get_running_loop().time() + LAST_REQUESTS
        while self.server_state.connections and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)
