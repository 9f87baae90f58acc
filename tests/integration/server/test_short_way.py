"""Claims whose body comes with their head are answered without a task of their own, and like all
others."""

import itertools
import json
import re
import time
from typing import Any

import pytest

from promint.accounts import keys
from promint.accounts.roles import Scope
from promint.api.bearer import KEPT
from promint.core.models import Claim
from promint.core.rules import ListType
from tests.factories import a_list
from tests.raw_http import Answer, RawCaller, head
from tests.servers import Server, wait_until

CODE = "AllOfUs"


@pytest.fixture(autouse=True)
def one_code() -> None:
    a_list(ListType.MULTI_USE, code=CODE)


def claim(server: Server, customer: str, *fields: str, code: str = CODE) -> bytes:
    body = json.dumps({"code": code, "customer": customer}).encode()
    key = f"Authorization: Bearer {server.claim_key}"
    return head("POST", "/api/v1/claims", key, f"Content-Length: {len(body)}", *fields) + body


def told(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)
    return found


def know_key(caller: RawCaller, server: Server) -> None:
    """Let the server remember the key for a moment, as it does under load."""
    assert caller.send(claim(server, "first")).answer().status == 201


def test_a_claim_in_pieces_has_the_same_answer_as_a_whole_one(web: Server) -> None:
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        whole = caller.send(claim(web, "cust-1", "Idempotency-Key: one")).answer()
        request = claim(web, "cust-1", "Idempotency-Key: one")
        caller.send(request[:-5])
        time.sleep(0.1)  # so that it comes in two pieces
        again = caller.send(request[-5:]).answer()
    assert (whole.status, again.status, again.body) == (201, 201, whole.body)
    assert again.headers.pop("idempotent-replayed") == "true"
    assert whole.headers.keys() == again.headers.keys()
    assert whole.headers["content-type"] == "application/json"
    assert whole.headers["x-request-id"] != again.headers["x-request-id"]


def test_requests_sent_ahead_are_answered_in_their_order(web: Server) -> None:
    healthy = head("GET", "/healthz")
    sent = b"".join(claim(web, f"cust-{n}") + healthy for n in range(10))
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        came = caller.send(sent).say_no_more().socket.makefile("rb").read()
    found = re.findall(rb'"customer":"cust-(\d)"|\r\n\r\n(ok)\n', came)
    assert found == [one for n in range(10) for one in ((b"%d" % n, b""), (b"", b"ok"))]


@pytest.mark.parametrize("wrong", [b"{}", b"nonsense", b'{"code": 5, "customer": "x"}'])
def test_what_is_wrong_is_said_and_the_connection_goes_on(web: Server, wrong: bytes) -> None:
    key = f"Authorization: Bearer {web.claim_key}"
    bad = head("POST", "/api/v1/claims", key, f"Content-Length: {len(wrong)}") + wrong
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        refused = caller.send(bad).answer()
        assert (refused.status, told(refused)["error"]) == (422, "invalid_request")
        assert caller.send(claim(web, "cust-1")).answer().status == 201


def test_the_connection_ends_after_the_answer_if_the_caller_wants_that(web: Server) -> None:
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        last = caller.send(claim(web, "cust-1", "Connection: close")).answer()
        assert (last.status, last.headers["connection"]) == (201, "close")
        assert caller.is_cut_off()


def test_an_old_caller_is_answered_and_the_connection_ends(web: Server) -> None:
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        caller.send(claim(web, "cust-1").replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert caller.answer().status == 201
        assert caller.is_cut_off()


def test_a_caller_who_says_no_more_gets_all_answers(web: Server) -> None:
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        caller.send(claim(web, "cust-1") + claim(web, "cust-2")).say_no_more()
        assert caller.answers() == [201, 201]


def test_what_follows_a_claim_and_is_no_request_is_refused_after_its_answer(web: Server) -> None:
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        caller.send(claim(web, "cust-1") + b"nonsense\r\n\r\n")
        assert caller.answer().status == 201
        assert caller.is_cut_off()


def test_a_caller_who_leaves_has_claimed_all_the_same(web: Server) -> None:
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        caller.send(claim(web, "cust-1"))
    with RawCaller(web.url) as caller:
        answer = caller.send(claim(web, "cust-1")).answer()
    assert told(answer)["error"] == "already_claimed_by_customer"
    assert Claim.objects.filter(customer="cust-1").count() == 1


def test_a_key_that_is_not_remembered_any_more_is_looked_up(web: Server) -> None:
    with RawCaller(web.url) as caller:
        know_key(caller, web)
        time.sleep(2 * KEPT)
        assert caller.send(claim(web, "cust-1")).answer().status == 201


def test_a_key_in_use_all_the_time_is_refused_soon_after_it_was_revoked(
    web: Server,
) -> None:
    row, key = keys.create("Stolen", [Scope.CLAIM], "tests")
    customers = itertools.count()
    with RawCaller(web.url) as caller:

        def status() -> int:
            sent = claim(web, f"cust-{next(customers)}").decode().replace(web.claim_key, key)
            return caller.send(sent.encode()).answer().status

        until = time.monotonic() + 3 * KEPT
        while time.monotonic() < until:
            assert status() == 201
        keys.revoke(row.public_id, "tests")
        wait_until(lambda: status() == 401, 20 * KEPT, every=0.01)
