"""Only what no parser could read in another way is a plain request."""

import pytest

from promint.server.plain_requests import plain_request

BODY = b'{"code": "A", "customer": "b"}'
HEAD = b"POST /api/v1/claims HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pmk_a\r\n%b\r\n"


def claim(*fields: bytes, length: bytes = b"%d" % len(BODY), body: bytes = BODY) -> bytes:
    lines = b"".join(field + b"\r\n" for field in (b"Content-Length: " + length, *fields))
    return HEAD % lines + body


def test_a_claim_is_read() -> None:
    read = plain_request(claim(b"Idempotency-Key: a b", b"X-Name:caf\xe9"))
    assert read is not None
    assert (read.path, read.body) == ("/api/v1/claims", BODY)
    assert read.headers == {
        b"host": b"x",
        b"authorization": b"Bearer pmk_a",
        b"content-length": b"30",
        b"idempotency-key": b"a b",
        b"x-name": b"caf\xe9",
    }


def test_a_validation_of_a_caller_who_stays_connected_is_read() -> None:
    sent = claim(b"Connection: Keep-Alive").replace(b"claims", b"validations")
    read = plain_request(sent)
    assert read is not None
    assert read.path == "/api/v1/validations"


@pytest.mark.parametrize(
    "field",
    [
        b"Connection: close",
        b"Connection: upgrade",
        b"Upgrade: h2c",
        b"Expect: 100-continue",
        b"Transfer-Encoding: chunked",
        b"Content-Length: 30",
        b"X : a",
        b" X: a",
        b"\tfolded",
        b"X: a\rY: b",
        b"X: a\nTransfer-Encoding: chunked",
        b"X: a\x00",
        b"X: a\x7f",
        b"X: ",
        b"X:",
        b"X",
        b": a",
        b"X: a ",
        b"X:  a",
        b"X: a\tb",
        b"Content-Length : 30",
        b"Transfer_Encoding\x0b: chunked",
    ],
)
def test_an_unusual_field_is_left_to_the_parser(field: bytes) -> None:
    assert plain_request(claim(field)) is None


@pytest.mark.parametrize(
    "sent",
    [
        claim(length=b"29"),
        claim(length=b"31"),
        claim(length=b"+30"),
        claim(length=b"030"),
        claim(length=b"30, 30"),
        claim() + b"GET / HTTP/1.1\r\n\r\n",
        claim()[:-1],
        claim()[:40],
        claim(body=b"", length=b"0").removesuffix(b"\r\n"),
        claim().replace(b"HTTP/1.1", b"HTTP/1.0"),
        claim().replace(b"POST", b"PUT"),
        claim().replace(b"/claims", b"/claims?a"),
        claim().replace(b"/claims", b"/claims/"),
        claim().replace(b"/api", b"http://x/api"),
        claim().replace(b"Host: x\r\n", b""),
        claim().replace(b"\r\n", b"\n"),
        b"\r\n" + claim(),
        claim(body=b" " * 20_000, length=b"20000"),
    ],
)
def test_an_unusual_request_is_left_to_the_parser(sent: bytes) -> None:
    assert plain_request(sent) is None
