"""The short way of a plain request: it is passed to the door as it is, and answered by a call,
without the parser, the task and the messages that other requests need."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from promint.server.connection import CLOSE, COME_BACK, IDLE_SECONDS, Connection
from promint.server.plain_requests import PlainCycle, PlainRequest, plain_request

Header = tuple[bytes, bytes]
Answer = Callable[[int, list[Header], bytes], None]  # called with status, headers and body
Take = Callable[[PlainRequest, Answer], bool]  # False: it was not taken, and goes the long way

_STATUS_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}".encode() for s in HTTPStatus}


def take(request: PlainRequest, answer: Answer) -> bool:
    from promint.server.asgi import take_claim  # it sets Django up

    return take_claim(request, answer)


class ConnectionWithShortWay(Connection):
    def __init__(self, *, take: Take, **more: Any) -> None:
        super().__init__(**more)
        self._take = take
        self._plain = PlainCycle()  # of the plain request that is being answered, or was before
        self._idle_since = 0.0  # the loop's time when the last plain request was answered

    def data_received(self, data: bytes) -> None:
        if not (self._is_between_requests() and self._is_taken(data)):
            super().data_received(data)

    def _is_between_requests(self) -> bool:
        return not (
            self._head_bytes
            or not self._awaits_head
            or self._is_under_way()
            or self._is_ending
            or self._sends_no_more
            or self.flow.write_paused
        )

    def _is_taken(self, data: bytes) -> bool:
        """Whether the data is a plain request that the door has taken."""
        request = plain_request(data)
        if request is None:
            return False
        if self._deadline is not None:
            self._set_deadline(None)
        self._callers.serve(self)
        before, self.cycle = self.cycle, cast(Any, self._plain)
        self._plain.begin(request.path)
        if self._take(request, self._answer):
            return True
        self._plain.response_complete, self.cycle = True, before
        return False

    def _answer(self, status: int, headers: list[Header], body: bytes) -> None:
        self._plain.response_complete = True
        if self.transport.is_closing():
            return
        self._answers.note(self._plain.path, status)
        own = self.server_state.default_headers
        self._is_last = not self._plain.keep_alive or CLOSE in own
        more = [COME_BACK] if status == HTTPStatus.SERVICE_UNAVAILABLE else []
        more += [CLOSE] if self._is_last and CLOSE not in own else []
        self.transport.write(_head(status, [*own, *headers, *more]) + body)
        if self._is_last or self._sends_no_more or self.pipeline:
            self.on_response_complete()
        else:
            self._await_next()

    def _await_next(self) -> None:
        """What uvicorn does after an answer, as far as it is needed after a plain one."""
        self.server_state.total_requests += 1
        self._callers.wait_for(self)
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._set_idle_timer(IDLE_SECONDS)

    def timeout_keep_alive_handler(self) -> None:
        """Plain requests do not set the timer anew, because there are many; it is set here, for the
        time that is left."""
        left = self._idle_since + IDLE_SECONDS - self.loop.time()
        if self._is_under_way():
            left = IDLE_SECONDS
        if left > 0:
            self._set_idle_timer(left)
        else:
            super().timeout_keep_alive_handler()

    def _set_idle_timer(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )


def _head(status: int, headers: list[Header]) -> bytes:
    """The head of an answer."""
    return b"\r\n".join([_STATUS_LINES[status], *map(b": ".join, headers), b"", b""])
