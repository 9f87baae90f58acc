"""Callers who send their request byte by byte."""

import json
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import urlsplit

import httpx
import pytest

from promint.core.rules.rules import ListType
from promint.server import asgi
from tests.factories import a_code, a_list
from tests.servers import Server

HEAD = (
    "POST {path} HTTP/1.1\r\nHost: promint\r\nAuthorization: Bearer {key}\r\n"
    "Content-Type: {type}\r\nContent-Length: {length}\r\n\r\n"
)


MEGABYTE = 1_048_576


@dataclass(frozen=True)
class Slow:
    path: str
    type: str
    length: int  # bytes announced in the head
    sent: bytes  # the bytes that are sent


def a_create() -> Slow:
    return Slow("/api/v1/lists", "application/json", 1000, b"{")


def an_upload() -> Slow:
    promo_list = a_list(ListType.THIRD_PARTY)
    path = f"/api/v1/lists/{promo_list.public_id}/uploads"
    start = b'--part\r\nContent-Disposition: form-data; name="file"; filename="codes.txt"\r\n\r\n'
    sent = start + b"SPRING1\n" * (2 * MEGABYTE // 8)
    return Slow(path, "multipart/form-data; boundary=part", 3 * MEGABYTE, sent)


def a_caller(server: Server, slow: Slow) -> socket.socket:
    address = urlsplit(server.url)
    caller = socket.create_connection((address.hostname, address.port))
    head = HEAD.format(path=slow.path, key=server.manage_key, type=slow.type, length=slow.length)
    caller.sendall(head.encode() + slow.sent)
    return caller


@pytest.mark.parametrize("slow", [a_create, an_upload])
def test_they_keep_nobody_waiting_however_many_they_are(
    web: Server, slow: Callable[[], Slow]
) -> None:
    code, what = a_code(), slow()
    with ExitStack() as callers:
        for _ in range(2 * asgi.THREADS):
            callers.enter_context(a_caller(web, what))
        made = web.claims.post("/claims", json={"code": code, "customer": "cust-1"})
        assert made.status_code == 201
        assert web.manage.get("/lists").status_code == 200
        for page in ("/healthz", "/login"):
            answer = httpx.get(web.url + page, trust_env=False, timeout=60)
            assert answer.status_code == 200


def test_the_body_of_a_caller_who_takes_a_while_is_read_whole(web: Server) -> None:
    body = b'{"name": "Late", "points": 5}'
    with a_caller(web, Slow("/api/v1/lists", "application/json", len(body), b"")) as caller:
        for byte in body:
            caller.sendall(bytes([byte]))
        answer = HTTPResponse(caller)
        answer.begin()
        assert "starts_at" in json.loads(answer.read())["fields"]
