"""What the server does with requests that no client library sends, and with refusals."""

import json

import pytest

from promint.api.door import door
from promint.core.rules import ListType
from promint.server import connection
from tests.factories import a_code, a_list
from tests.raw_http import RawCaller, head
from tests.servers import Server

CLAIMS = "/api/v1/claims"


def a_claim(server: Server, code: str, *fields: str) -> bytes:
    body = json.dumps({"code": code, "customer": "cust-1"}).encode()
    key = f"Authorization: Bearer {server.claim_key}"
    return head("POST", CLAIMS, key, f"Content-Length: {len(body)}", *fields) + body


REFUSED = {
    "no key": (401, ""),
    "too large": (413, "Authorization: Bearer {key}"),
}


@pytest.mark.parametrize("why", REFUSED)
@pytest.mark.parametrize("path", [CLAIMS, "/api/v1/lists"])
def test_a_refusal_reaches_callers_who_are_still_sending(web: Server, why: str, path: str) -> None:
    status, field = REFUSED[why]
    key = web.claim_key if path == CLAIMS else web.manage_key
    sent = head("POST", path, field.format(key=key) or "X: y", "Content-Length: 900000")
    for _ in range(40):
        with RawCaller(web.url) as caller:
            answer = caller.send(sent + b" " * 900_000).answer()
            assert (answer.status, answer.headers["connection"]) == (status, "close")


def test_no_more_than_a_megabyte_is_read_after_a_refusal(web: Server) -> None:
    sent = head("POST", CLAIMS, "Content-Length: 200000000")
    with RawCaller(web.url) as caller, pytest.raises(OSError, match=r"reset|Broken"):
        caller.send(sent + bytes(200_000_000))


def test_the_rest_of_a_refused_request_is_not_waited_for_for_long(web: Server) -> None:
    with RawCaller(web.url, timeout=connection.DRAINED_SECONDS + 5) as caller:
        caller.send(head("POST", CLAIMS, "Content-Length: 10"))
        assert caller.answer().status == 401
        assert caller.is_cut_off()


def test_a_refusal_whose_request_came_whole_keeps_the_connection(web: Server) -> None:
    with RawCaller(web.url) as caller:
        for _ in range(2):
            sent = head("POST", CLAIMS, "Content-Length: 2") + b"{}"
            answer = caller.send(sent).answer()
            assert (answer.status, answer.headers.get("connection")) == (401, None)


def test_a_caller_who_has_stopped_sending_is_answered(web: Server) -> None:
    code = a_code()
    with RawCaller(web.url) as caller:
        assert caller.send(a_claim(web, code)).say_no_more().answer().status == 201
        assert caller.is_cut_off()
    with RawCaller(web.url) as caller:
        page = head("GET", "/readyz")
        assert caller.send(page + page + page).say_no_more().answers() == [200, 200, 200]
    with RawCaller(web.url) as caller:
        caller.send(head("POST", CLAIMS, "Content-Length: 10") + b"half").say_no_more()
        assert caller.is_cut_off()


@pytest.mark.parametrize("case", ["chunked", "Chunked", "CHUNKED"])
def test_chunked_bodies_are_recognised_in_any_spelling(web: Server, case: str) -> None:
    body = json.dumps({"name": f"Tea {case}"}).encode()
    fields = (f"Authorization: Bearer {web.manage_key}", f"Transfer-Encoding: {case}")
    sent = head("POST", "/api/v1/offers", *fields) + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    with RawCaller(web.url) as caller:
        assert caller.send(sent).answer().status == 201


def test_a_form_may_come_in_chunks(web: Server) -> None:
    form = b"username=nobody&password=x"
    sent = head("POST", "/forgotten-password", "Transfer-Encoding: chunked")
    with RawCaller(web.url) as caller:
        caller.send(sent + b"%x\r\n%s\r\n0\r\n\r\n" % (len(form), form))
        assert caller.answer().status == 403  # for want of a token: it was read


def test_a_missing_or_doubled_host_is_refused(web: Server) -> None:
    for sent in (
        b"GET /login HTTP/1.1\r\n\r\n",
        b"GET /login HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        b"GET /login HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    ):
        with RawCaller(web.url) as caller:
            assert caller.send(sent).answer().status == 400
            assert caller.is_cut_off()
    with RawCaller(web.url) as caller:
        assert caller.send(b"GET /login HTTP/1.0\r\n\r\n").answer().status == 200


@pytest.mark.parametrize("name", ["Authorization", "Idempotency-Key"])
def test_what_says_who_or_which_request_it_is_comes_once(web: Server, name: str) -> None:
    for path in (CLAIMS, "/api/v1/offers"):
        with RawCaller(web.url) as caller:
            answer = caller.send(head("POST", path, f"{name}: chunked", f"{name}: other")).answer()
            assert answer.status == 400
            assert f"Send one {name} header.".encode() in answer.body


@pytest.mark.parametrize("coding", ["xchunked", "gzip, chunked", "identity"])
def test_a_body_in_a_coding_that_is_not_known_is_refused_at_once(web: Server, coding: str) -> None:
    for path in (CLAIMS, "/api/v1/offers"):
        with RawCaller(web.url) as caller:
            sent = head("POST", path, f"Transfer-Encoding: {coding}")
            assert caller.send(sent).answer().status == 501


def test_a_head_has_64_kib_and_200_fields(web: Server) -> None:
    bare = len(head("GET", "/login", "X: "))
    longest = head("GET", "/login", "X: " + "a" * (connection.HEAD_BYTES - bare))
    with RawCaller(web.url) as caller:
        assert caller.send(longest).answer().status == 200
    many = [f"X-{n}: a" for n in range(connection.HEAD_FIELDS)]
    for too_much in (
        longest.replace(b"X: ", b"X: a"),
        head("GET", "/login", "X: " + "a" * 20_000_000),
        head("GET", "/" + "a" * 20_000_000),
        head("GET", "/login", *many),
    ):
        with RawCaller(web.url) as caller:
            assert caller.send_as_it_goes(too_much).answer().status == 431


def test_a_request_that_offers_another_protocol_is_answered(web: Server) -> None:
    """Java's client makes such an offer with the first request on each connection."""
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA")
    with RawCaller(web.url) as caller:
        assert caller.send(head("GET", "/login", *offer)).answer().status == 200
        assert caller.send(a_claim(web, a_code(), *offer)).answer().status == 201
        first, rest = (sent := a_claim(web, a_code(), *offer))[:-20], sent[-20:]
        caller.send(first).send(rest)
        assert caller.answer().status == 201
        assert caller.send(head("GET", "/login")).answer().status == 200


def test_requests_sent_ahead_are_answered_in_order_and_not_without_end(web: Server) -> None:
    page = head("GET", "/healthz")
    with RawCaller(web.url) as caller:
        last = head("PUT", "/healthz", "Connection: close")
        assert caller.send(page * 9 + last).answers() == [200] * 9 + [405]
    with RawCaller(web.url) as caller:
        assert len(caller.send_as_it_goes(page * 10_000).answers()) <= connection.PIPELINED + 1


def test_a_field_named_twice_is_refused(web: Server) -> None:
    code = a_code()
    claim = f'{{"code": "{code}", "customer": "a", "customer": "b"}}'
    answer = web.claims.post("/claims", content=claim)
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"customer"})
    offer = '{"name": "Tea", "name": "Coffee"}'
    answer = web.manage.post("/offers", content=offer)
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"name"})
    quoted = {"code": code, "customer": 'the "one"'}
    assert web.claims.post("/claims", json=quoted).status_code == 201


METHODS = {  # for each path
    CLAIMS: "POST",
    "/api/v1/validations": "POST",
    "/api/v1/claims/x": "GET",
    "/api/v1/docs": "GET, HEAD",
    "/api/v1/openapi.json": "GET, HEAD",
    "/healthz": "GET, HEAD",
    "/readyz": "GET, HEAD",
    "/static/promint/promint.css": "GET, HEAD",
    "/": "GET, HEAD",
    "/login": "GET, HEAD, POST",
    "/logout": "POST",
}


def test_a_method_that_an_address_does_not_have_is_refused_whoever_asks(web: Server) -> None:
    for path, allowed in METHODS.items():
        others = {"TRACE", "DELETE", "PUT", "OPTIONS"}
        led = path == "/logout"  # GET and HEAD lead to the page with its button
        for method in others | ({"HEAD"} if "GET" not in allowed and not led else set()):
            with RawCaller(web.url) as caller:
                answer = caller.send(head(method, path)).answer(method)
            assert (answer.status, answer.headers["allow"]) == (405, allowed), (method, path)


def test_head_is_get_without_the_body(web: Server) -> None:
    a_list(ListType.MULTI_USE)
    whole = web.manage.get("/lists")
    bare = web.manage.head("/lists")
    assert (bare.status_code, bare.content) == (200, b"")
    assert bare.headers["content-type"] == whole.headers["content-type"]


def test_browsers_are_told_not_to_guess_content_types(web: Server) -> None:
    for path in ("/healthz", "/readyz", CLAIMS, "/login", "/static/promint/promint.css", "/nope"):
        with RawCaller(web.url) as caller:
            answer = caller.send(head("GET", path)).answer()
        assert answer.headers["x-content-type-options"] == "nosniff", path


def test_a_body_of_the_door_has_a_deadline() -> None:
    assert door.BODY_SECONDS == 30
