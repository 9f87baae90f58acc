"""What is sent, and how answers are understood: the same for both clients, without a network."""

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import httpx

from promint_client.errors import NotAnswered, Refused

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 8.0  # seconds
_SAFE_TO_REPEAT = ("GET", "PUT")
_GATEWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)  # say nothing about Promint
# Of these, httpx says that nothing was sent.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Call(Generic[T]):
    """`read` makes the result of the JSON that is answered."""

    method: str
    path: str
    read: Callable[[Any], T]
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None

    @property
    def may_be_repeated(self) -> bool:
        """Whether sending it again changes nothing more."""
        return self.method in _SAFE_TO_REPEAT or self.key is not None

    def with_key(self) -> "Call[T]":
        """Every POST has an idempotency key; without one of its own, a random one."""
        if self.method != "POST":
            return self
        return replace(self, key=self.key or str(uuid.uuid4()))

    def arguments(self) -> dict[str, Any]:
        """Those of httpx's `request`."""
        headers = dict(self.headers)
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        query = {name: value for name, value in self.query.items() if value is not None}
        sent = {} if self.body is None else {"json": self.body}
        return {
            "method": self.method,
            "url": self.path,
            "params": query,
            "headers": headers,
            **sent,
        }


class Course(Generic[T]):
    """One call, tried up to `tries` times. Give it what came back; it says whether that is the end,
    or how long to pause before the next try."""

    def __init__(self, call: Call[T], tries: int) -> None:
        self.call = call.with_key()
        self._left = tries
        self._pauses = _pauses()
        self._lost = False
        self.result: T

    def answered(self, answer: httpx.Response) -> float | None:
        """The seconds to pause before the next try; None: `result` is there. Raises Refused, and
        NotAnswered after the last try."""
        if answer.is_success:
            self.result = self.call.read(answer.json() if answer.content else None)
            return None
        problem = _problem_of(answer)
        if answer.status_code in _GATEWAY or problem.get("error") == "outcome_unknown":
            return self._again(problem.get("error") or f"status {answer.status_code}", lost=True)
        if answer.status_code in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.REQUEST_TIMEOUT):
            why = problem.get("error") or f"status {answer.status_code}"
            return self._again(why, lost=not problem, after=_asked_pause(answer))
        raise Refused(answer.status_code, problem)

    def failed(self, error: httpx.TransportError) -> float:
        """The same when there was no answer."""
        return self._again(type(error).__name__, lost=not isinstance(error, _NOT_SENT))

    def _again(self, why: str, lost: bool, after: float = 0.0) -> float:
        self._lost = self._lost or (lost and self.call.method != "GET")
        self._left -= 1
        if self._left <= 0 or (lost and not self.call.may_be_repeated):
            raise NotAnswered(why, self.call.key, self._lost)
        return max(after, next(self._pauses))


def _pauses() -> Iterator[float]:
    longest = FIRST_PAUSE
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311 (so that callers do not march)
        longest = min(longest * 2, LONGEST_PAUSE)


def _problem_of(answer: httpx.Response) -> Mapping[str, Any]:
    """Empty if the answer is not Promint's, but that of a proxy."""
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) and "error" in problem else {}


def _asked_pause(answer: httpx.Response) -> float:
    """The seconds of Retry-After, at most LONGEST_PAUSE."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE) if asked.isdecimal() else 0.0
