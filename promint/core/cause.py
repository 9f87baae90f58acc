"""Which request has caused what is being done now. Jobs keep it, so that the log lines of a worker
name the request from which they come."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

CHARACTERS = 64  # at most, of a request's id

_request: ContextVar[str] = ContextVar("request", default="")


def request_id() -> str:
    """Empty if no request is known, as for what the worker does by the clock."""
    return _request.get()


@contextmanager
def caused_by(request_id: str) -> Iterator[None]:
    token = _request.set(request_id)
    try:
        yield
    finally:
        _request.reset(token)
