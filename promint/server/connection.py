"""The connection of one caller: uvicorn's, with deadlines and limits against callers with bad
intentions, and with an end that lets refusals arrive.

What uvicorn calls a cycle is one request with its answer. The deadlines of bodies are in
promint.server.bodies, where it is known what the server waits for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from promint.server.answer_counts import AnswerCounts
from promint.server.callers import Callers
from promint.server.cut_off import CutOff

HEAD_SECONDS = 10.0
HEAD_BYTES = 64 * 1024
HEAD_FIELDS = 200
IDLE_SECONDS = 75
PIPELINED = 32  # requests that may wait for the one before them
TAKEN_WITHIN = 30.0  # seconds in which an answer must be taken, or the next 64 KiB of it
DRAINED_SECONDS = 5.0  # in which the rest of a refused request is read
DRAINED_BYTES = 1_048_576
NO_STRANGER = 1_048_576  # bytes of a body; only known callers may send more
# Of several, some programs would read the first and others the last.
ONCE = (b"authorization", b"idempotency-key")
CHUNKED = b"chunked"
COME_BACK = (b"retry-after", b"1")  # seconds; in every 503 that names no other time
CLOSE = (b"connection", b"close")

_TIMEOUT = int(HTTPStatus.REQUEST_TIMEOUT)
_UNAVAILABLE = int(HTTPStatus.SERVICE_UNAVAILABLE)

Message = dict[str, Any]
Send = Callable[[Any], Awaitable[None]]


class Unusable(Exception):
    """What was sent is not a request that an application can answer."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Connection(HttpToolsProtocol):
    def __init__(
        self,
        *,
        callers: Callers,
        cut_off: CutOff,
        answers: AnswerCounts,
        **uvicorns: Any,
    ) -> None:
        super().__init__(**uvicorns)
        self._next: tuple[RequestResponseCycle, Any] | None = None  # starts when it is parsed
        self._callers, self._cut_off, self._answers = callers, cut_off, answers
        self._address = ""
        self._awaits_head = True
        self._head_bytes = 0  # of the head that is being received
        self._body_bytes = 0  # of the body that is being received
        self._body_missing = 0  # body bytes that the parser does not see
        self._is_last = False  # the present answer is the last one on this connection
        self._sends_no_more = False  # the caller sends no more, or is not listened to any more
        self._is_ending = False
        self._drained = 0  # bytes
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    # Connecting and disconnecting

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._address = self.client[0] if self.client else "a socket"
        self._set_deadline(HEAD_SECONDS, self._head_is_late)
        if not self._callers.come(self):
            self._refuse(Unusable(503, "Too many callers at a time. Come back in a moment."))

    def connection_lost(self, exc: Exception | None) -> None:
        self._callers.leave(self)
        self._set_deadline(None)
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def make_room(self) -> None:
        self._cut("gave their place to others")

    def timeout_keep_alive_handler(self) -> None:
        self.transport.abort()  # close() would wait for a caller who does not read

    def _cut(self, why: str) -> None:
        self._cut_off.note(why, self._address)
        self.transport.abort()

    def _set_deadline(self, seconds: float | None, then: Callable[[], None] | None = None) -> None:
        """Set the deadline of the head that is being received, or of the end. None removes it."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        if seconds is not None and then is not None:
            self._deadline = self.loop.call_later(seconds, then)

    # What the caller sends

    def data_received(self, data: bytes) -> None:
        if self._is_ending or self._sends_no_more:
            self._drain(len(data))
            return
        self._unset_keepalive_if_required()
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            why = error.__context__
            self._refuse(why if isinstance(why, Unusable) else Unusable(400, "This is not HTTP."))
        except Unusable as unusable:
            self._refuse(unusable)
        else:
            self._note_what_is_missing(len(data))
        self._start_next()

    def _feed(self, data: bytes) -> None:
        """Pass data to the parser. The parser keeps a head of any size, so it gets no more of
        one than is allowed."""
        while data:
            if self._body_missing:
                data = self._feed_past_parser(data)
                continue
            room = HEAD_BYTES - self._head_bytes if self._awaits_head else len(data)
            if room <= 0:
                raise Unusable(431, f"The head of a request has at most {HEAD_BYTES} bytes.")
            piece, data = data[:room], data[room:]
            if self._awaits_head:
                self._head_bytes += len(piece)
            try:
                self.parser.feed_data(piece)
            except httptools.HttpParserUpgrade as upgrade:
                data = piece[upgrade.args[0] :] + data  # answered as if it were not asked for

    def _feed_past_parser(self, data: bytes) -> bytes:
        """Read the body of a request that also asks for another protocol, as Java's client does
        in its first request. The parser would take the body as data of that protocol. Returns
        the rest of `data`."""
        piece, rest = data[: self._body_missing], data[self._body_missing :]
        self._body_missing -= len(piece)
        self.on_body(piece)
        if not self._body_missing:
            self._is_whole()
        return rest

    def _note_what_is_missing(self, came: int) -> None:
        if not self._awaits_head:
            self._body_bytes += came
            if self._body_bytes < NO_STRANGER:
                self._callers.wait_for(self)
                self._callers.keep(self, self._head_bytes + self._body_bytes)
            else:
                self._callers.keep_nothing(self)
        elif self._head_bytes:
            if len(self.headers or ()) > HEAD_FIELDS:
                self._refuse(_too_many_fields())
                return
            if self._deadline is None:
                self._set_deadline(HEAD_SECONDS, self._head_is_late)
            self._callers.keep(self, self._head_bytes)

    def _head_is_late(self) -> None:
        if self._is_under_way():  # an earlier request, whose answer comes first
            self._set_deadline(HEAD_SECONDS, self._head_is_late)
        elif self._head_bytes:
            self._cut_off.note("sent no whole head in time", self._address)
            self._refuse(Unusable(408, "The head of the request did not arrive in time."))
        else:
            self.transport.abort()

    def _is_under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def on_headers_complete(self) -> None:
        names = [name for name, _ in self.headers]
        if len(names) > HEAD_FIELDS:
            raise _too_many_fields()
        hosts = names.count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            raise Unusable(400, "Send one Host header.")
        for name in ONCE:
            if names.count(name) > 1:
                raise Unusable(400, f"Send one {name.decode().title()} header.")
        if dict(self.headers).get(b"transfer-encoding", CHUNKED).lower() != CHUNKED:
            raise Unusable(501, "Send a body as it is, or chunked.")
        if len(self.pipeline) >= PIPELINED:
            raise Unusable(400, "Wait for answers before you send further requests.")
        self._awaits_head, self._body_bytes = False, 0
        if self._deadline is not None:
            self._set_deadline(None)
        self._callers.serve(self)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            self._body_missing = _length(self.headers)
        if not self._body_missing:
            self._is_whole()

    def _is_whole(self) -> None:
        self._awaits_head, self._head_bytes = True, 0
        self._callers.serve(self)  # even if it was slow, the server no longer waits for it
        super().on_message_complete()

    def eof_received(self) -> bool:  # type: ignore[override]  # as asyncio's protocols may
        """True keeps the connection open, for answers to a caller who only sends no more."""
        self._sends_no_more = True
        return not self._is_ending and self._is_under_way() and not self.cycle.more_body

    # What the caller gets

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._next = cycle, app

    def _start_next(self) -> None:
        """Start the request whose turn it is, when as much of it as came is parsed."""
        if self._next is not None:
            (cycle, app), self._next = self._next, None
            super()._start_asgi_task(cycle, partial(self._serve, cycle, app))

    async def _serve(
        self, cycle: RequestResponseCycle, app: Any, scope: Any, receive: Any, send: Send
    ) -> None:
        async def answer(message: Message) -> None:
            if message["type"] != "http.response.start":
                await send(message)
                return
            self._answers.note(scope["path"], message["status"])
            if cycle.more_body:  # the rest must not be taken for the next request
                cycle.keep_alive = False
            if message["status"] == _TIMEOUT:
                self._cut_off.note("sent no whole body in time", self._address)
            if message["status"] == _UNAVAILABLE:
                message = _with_time(message)
            await send(message)
            # uvicorn would close at once, and the caller might not be able to read the answer.
            self._is_last, cycle.keep_alive = not cycle.keep_alive, True

        try:
            await app(scope, receive, answer)
        finally:
            if cycle.response_started and not cycle.response_complete:
                self.transport.abort()

    def on_response_complete(self) -> None:
        if self._is_last or (self._sends_no_more and not self.pipeline):
            self.server_state.total_requests += 1
            self._end(unread=self.cycle.more_body or self._is_ending)
            return
        super().on_response_complete()
        self._start_next()
        if not self._is_under_way():
            self._callers.wait_for(self)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._callers.wait_for(self)
        self._callers.keep(self, self.transport.get_write_buffer_size())
        self._stalled = self.loop.call_later(TAKEN_WITHIN, self._cut, "did not take their answer")

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
        self._stalled = None
        self._callers.keep_nothing(self)
        if self._is_under_way() and not self.cycle.more_body:
            self._callers.serve(self)

    # The end of a connection

    def _refuse(self, unusable: Unusable) -> None:
        """Read nothing more from this caller and send the reason. If the caller waits for
        answers, they are sent first."""
        if unusable.status != _TIMEOUT:
            self._cut_off.note(f"were refused with {unusable.status}", self._address)
        if self._is_under_way():
            self._is_ending = self._sends_no_more = True
            if self.cycle.more_body:  # what cannot be used is the body of that request
                self.transport.abort()
            return
        self._answers.note("", unusable.status)
        self.transport.write(_answer(unusable))
        self._end(unread=True)

    def _end(self, unread: bool) -> None:
        """End the connection. `unread`: more data may arrive. If a connection is closed with
        unread bytes, it is reset and the answer is lost, so data is read for a while."""
        self._is_ending = True
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        if self.cycle is not None:
            self.cycle.body = bytearray()  # nobody reads it any more
        if not unread:
            self._close()
            return
        self._callers.wait_for(self)
        self._set_deadline(DRAINED_SECONDS, self._close)
        self.flow.resume_reading()
        self.transport.write_eof()

    def _drain(self, size: int) -> None:
        self._drained += size
        if self._drained > DRAINED_BYTES:
            self._close()

    def _close(self) -> None:
        """Close once everything is written, but do not wait for ever for a caller who does not
        read."""
        self.transport.close()
        self._set_deadline(TAKEN_WITHIN, self.transport.abort)


def _too_many_fields() -> Unusable:
    return Unusable(431, f"The head of a request has at most {HEAD_FIELDS} fields.")


def _with_time(start: Message) -> Message:
    """The start of an answer, which says when to come back."""
    if any(name.lower() == COME_BACK[0] for name, _ in start["headers"]):
        return start
    return {**start, "headers": [*start["headers"], COME_BACK]}


def _length(headers: list[tuple[bytes, bytes]]) -> int:
    """The announced length of the body, in bytes."""
    told = dict(headers)
    if b"transfer-encoding" in told:
        raise Unusable(400, "Send the length of a body together with Upgrade.")
    return int(told.get(b"content-length", b"0"))


def _answer(unusable: Unusable) -> bytes:
    status, body = HTTPStatus(unusable.status), unusable.words + "\n"
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    if status == _UNAVAILABLE:
        lines.append("Retry-After: 1")
    return "\r\n".join([*lines, "", body]).encode()
