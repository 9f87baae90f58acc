"""Spans of what the door answers, for those who asked for OpenTelemetry."""

import time
from collections.abc import Callable

from promint.core import traces

Head = list[tuple[bytes, bytes]]
Sent = Callable[[int, Head, bytes], None]  # sends an answer: status, head, body


def noting(answer: Sent, path: str, request_id: str) -> Sent:
    """The same, which notes a span as well."""
    began = time.time_ns()

    def noted(status: int, head: Head, body: bytes) -> None:
        traces.note("POST", request_id, began, told_of(path, status))
        answer(status, head, body)

    return noted


def told_of(path: str, status: int) -> dict[str, str | int]:
    """`path`: one of two, so it is the route."""
    return {"http.route": path, "http.response.status_code": status}
