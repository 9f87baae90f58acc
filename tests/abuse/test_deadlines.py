"""Callers who stop sending or reading are cut off, each after its time, and the log counts them.
The deadlines are those of docs/operations.md, but twenty times as short."""

import time
from contextlib import ExitStack

import pytest

from promint.api.door import door
from promint.server import callers, connection, cut_off, pace
from tests.abuse.hurried import TIMES_AS_FAST
from tests.raw_http import RawCaller, head
from tests.servers import Server, wait_until

pytestmark = pytest.mark.same_on_both

BIG = "/static/ninja/swagger-ui-bundle.js"


def test_the_deadlines_are_those_that_are_documented() -> None:
    assert connection.HEAD_SECONDS == 10
    assert connection.IDLE_SECONDS == 75
    assert connection.TAKEN_WITHIN == 30
    assert door.BODY_SECONDS == pace.PATIENCE == pace.HEAD_START == 30
    assert callers.MOST == 8_000
    assert cut_off.TOLD_EVERY == 60


def cut_off_after(caller: RawCaller, trickled: bytes = b"") -> float:
    """After how many seconds the caller is cut off. A byte is sent now and then."""
    began = time.monotonic()
    caller.socket.settimeout(0.1)
    while not caller.is_cut_off():
        caller.send_as_it_goes(trickled)
        assert time.monotonic() - began < 30, "not cut off"
    return time.monotonic() - began


def test_whoever_stands_still_is_cut_off(hurried: Server) -> None:
    url, key = hurried.url, f"Authorization: Bearer {hurried.claim_key}"
    body = "Content-Length: 1000"
    with ExitStack() as connections:

        def a_caller(sent: bytes) -> RawCaller:
            return connections.enter_context(RawCaller(url)).send(sent)

        head_in = connection.HEAD_SECONDS / TIMES_AS_FAST
        assert cut_off_after(a_caller(b"")) >= head_in * 0.9
        for start in (b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX: "):
            assert head_in * 0.9 <= cut_off_after(a_caller(start), b"a") < head_in * 4
        body_in = door.BODY_SECONDS / TIMES_AS_FAST
        for path in ("/api/v1/claims", "/login"):
            slow = a_caller(head("POST", path, key, body))
            assert body_in * 0.9 <= cut_off_after(slow, b"a") < body_in * 4
        idle = a_caller(head("GET", "/healthz"))
        assert idle.answer().status == 200
        assert cut_off_after(idle) >= connection.IDLE_SECONDS / TIMES_AS_FAST * 0.9


def test_whoever_takes_no_answer_is_cut_off(hurried: Server) -> None:
    with RawCaller(hurried.url, receive_buffer=4096) as caller:
        caller.send(head("GET", BIG) * 8)
        time.sleep(connection.TAKEN_WITHIN / TIMES_AS_FAST)
        wait_until(lambda: "did not take their answer" in hurried.log.read_text(), 20)
        assert caller.is_cut_off()


def test_the_log_says_once_in_a_while_how_many_and_from_where(hurried: Server) -> None:
    for _ in range(30):
        with RawCaller(hurried.url) as caller:
            caller.send(b"NOTHING\r\n\r\n").answer()
    wait_until(lambda: "cut off: " in hurried.log.read_text(), 20)
    told = [line for line in hurried.log.read_text().splitlines() if "cut off: " in line]
    assert "30 were refused with 400. They came from 127.0.0.1 (30)." in "".join(told)
    assert len(told) == 1
