"""Callers who send their request byte by byte."""

import socket
from urllib.parse import urlsplit

import httpx

from promint import asgi
from tests.factories import a_code
from tests.servers import Server

HEAD = (
    "POST /api/v1/lists HTTP/1.1\r\nHost: promint\r\nAuthorization: Bearer {key}\r\n"
    "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
)


def a_slow_caller(server: Server) -> socket.socket:
    """One who has sent the head, and the first byte of a thousand."""
    address = urlsplit(server.url)
    caller = socket.create_connection((address.hostname, address.port))
    caller.sendall(HEAD.format(key=server.manage_key).encode())
    return caller


def test_they_keep_no_claim_waiting_however_many_they_are(web: Server) -> None:
    code = a_code()
    slow = [a_slow_caller(web) for _ in range(2 * asgi.THREADS)]
    try:
        made = web.claims.post("/claims", json={"code": code, "customer": "cust-1"})
        assert made.status_code == 201
        healthy = httpx.get(f"{web.url}/healthz", trust_env=False, timeout=60)
        assert healthy.status_code == 200
    finally:
        for caller in slow:
            caller.close()
