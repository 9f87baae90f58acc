"""Serves /metrics on an address of its own, without a token: who can reach it may read it."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promint.server.metrics.page import Page

SLOWEST = 10.0  # seconds for a request, and for taking its answer


class _Handler(BaseHTTPRequestHandler):
    timeout = SLOWEST
    server: "_Server"

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404, "Only /metrics is here")
            return
        text = self.server.page.text()
        self.send_response(200)
        self.send_header("Content-Type", self.server.kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Being asked every few seconds is no news."""


class _Server(ThreadingHTTPServer):
    def __init__(self, accepting: socket.socket, page: "Page", kind: str) -> None:
        super().__init__(accepting.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = accepting
        self.page, self.kind = page, kind


def serve(accepting: socket.socket) -> None:
    """Serve from now on, in a thread."""
    from promint.server.metrics.page import CONTENT_TYPE, Page  # only where they are asked for

    server = _Server(accepting, Page(), CONTENT_TYPE)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
