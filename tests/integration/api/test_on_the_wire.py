"""The API through the real server: paths and bodies exactly as sent, and what the log contains."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from promint.core.models import Offer
from promint.core.rules.limits import JSON_BODY_BYTES
from promint.core.rules.rules import ListType
from tests.factories import a_code, a_key, a_list, claim
from tests.servers import Server


@pytest.fixture
def caller(web: Server) -> Iterator[httpx.Client]:
    with web.client(a_key()) as client:
        yield client


def error(response: httpx.Response) -> str:
    assert response.headers["Content-Type"] == "application/problem+json", response.text
    name: str = response.json()["error"]
    return name


def test_an_encoded_slash_is_part_of_an_id(caller: httpx.Client) -> None:
    a_list(ListType.MULTI_USE, code="SpringSale")
    for customer in ("a", "a/claims", "a/b", "a/b/claims"):
        claim("SpringSale", customer)
    assert caller.get("/customers/a%2Fclaims").json()["customer"] == "a/claims"
    assert caller.get("/customers/a%2fclaims").json()["claim_count"] == 1
    (one,) = caller.get("/customers/a/claims").json()["items"]
    assert one["customer"] == "a"
    for path in ("/customers/a/b", "/customers/a%2Fb", "/customers/%61%2F%62"):
        assert caller.get(path).json()["customer"] == "a/b"
    for path in ("/customers/a/b/claims", "/customers/a%2Fb/claims"):
        (one,) = caller.get(path).json()["items"]
        assert one["customer"] == "a/b"
    (one,) = caller.get("/customers/a%2Fb%2Fclaims/claims").json()["items"]
    assert one["customer"] == "a/b/claims"


def test_an_id_that_is_no_utf8_is_refused(caller: httpx.Client) -> None:
    for sent in ("%FF", "%ED%A0%80", "a%C3", "%00"):
        response = caller.get(f"/customers/{sent}")
        assert error(response) == "invalid_request"
        assert set(response.json()["fields"]) == {"customer"}
        assert error(caller.get(f"/codes/{sent}")) == "not_found"


def test_an_encoded_slash_never_makes_a_code_of_another_address(caller: httpx.Client) -> None:
    code = a_code()
    assert error(caller.post(f"/codes/{code}%2Fcancel")) == "method_not_allowed"
    assert error(caller.get(f"/codes/x%2F..%2F{code}")) == "not_found"
    assert caller.get(f"/codes/{code}").json()["status"] == "available"


def chunks(size: int) -> Iterator[bytes]:
    body = json.dumps({"name": "Tea"}).encode()
    yield body[:5]
    yield body[5:]
    for _ in range(0, size - len(body), 1000):
        yield b" " * 1000


def test_a_body_in_chunks_is_read_and_counted(caller: httpx.Client) -> None:
    json_type = {"Content-Type": "application/json"}
    made = caller.post("/offers", content=chunks(0), headers=json_type)
    assert (made.status_code, made.json()["name"]) == (201, "Tea")
    too_large = caller.post("/offers", content=chunks(2 * JSON_BODY_BYTES), headers=json_type)
    assert error(too_large) == "payload_too_large"
    assert Offer.objects.count() == 1
    assert caller.get("/offers").json()["count"] == 1  # the connection still works


def raw(url: str, target: bytes, key: str) -> bytes:
    """The answer to a GET with a target that httpx would not send."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(
            b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Authorization: Bearer " + key.encode() + b"\r\n\r\n"
        )
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_what_no_address_may_hold_is_the_callers_fault(web: Server) -> None:
    key = a_key()
    for target in (
        b"/api/v1/lists?search=\xc3\xa9",
        b"/api/v1/lists?search=%FF%ED%A0%80",
        b"/api/v1/codes/\xc3\xa9",
        b"/api/v1/customers/\xff",
        b"/api/v1/customers/a%2",
        b"/api/v1/customers/a%zz",
        b"*",
        b"/api/v1/lists/../lists",
    ):
        status = int(raw(web.url, target, key).split(b" ", 2)[1])
        assert 200 <= status < 500, target


def test_the_log_keeps_no_code_no_customer_and_no_key(web: Server) -> None:
    code, key = a_code(), a_key()
    claim(code, "CANARY-CUSTOMER")
    with web.client(key) as caller:
        caller.get(f"/codes/{code}").raise_for_status()
        caller.get("/customers/CANARY-CUSTOMER/claims").raise_for_status()
        caller.get("/lists", params={"search": "CANARY-SEARCH"}).raise_for_status()
    httpx.post(f"{web.url}/codes/{code}/cancel", trust_env=False)  # to no page, and without a token
    log = web.log.read_text()
    assert "GET /api/v1/codes/<code> 200 " in log
    for secret in (code, code.replace("-", ""), "CANARY", key, key[8:]):
        assert secret not in log
