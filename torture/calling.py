"""Sends requests, each of which is written into the journal."""

import http.client
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.databases import HOST
from torture.journal import Call, Journal

IDLE = 30.0  # seconds after which a connection is not used again; the server closes it after 75
AFTER_A_LOSS = 0.3  # seconds, at most, until the next try
PATIENCE = {"faults": 8.0, "calm": 60.0}  # seconds until a caller gives up, by phase


@dataclass(frozen=True)
class Request:
    """`sent`: what it asks for, for the checker. A request with a key may be sent again."""

    verb: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    sent: dict[str, Any] = field(default_factory=dict)
    key: str | None = None


class Caller:
    """One program that calls the API, over connections of its own. `ports` are asked for every
    request, since servers come and go. Each phase has new connections: those of the faults may be
    dead, or have been idle for so long that the server has closed them."""

    def __init__(
        self,
        name: str,
        ports: Callable[[], list[int]],
        api_key: str,
        journal: Journal,
        chosen: random.Random,
    ) -> None:
        self.name = name
        self.random = chosen
        self.journal = journal
        self._ports = ports
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        self._connections: dict[tuple[str, int], http.client.HTTPConnection] = {}
        self._used: dict[tuple[str, int], float] = {}  # when each was used last; monotonic

    def send(self, request: Request) -> Call:
        call = self.journal.begin(self.name, request.verb, request.sent, request.key)
        port = self.random.choice(self._ports())
        place = (call.phase, port)
        try:
            status, body, replayed = self._exchange(place, request)
        except (OSError, http.client.HTTPException) as error:
            self._connections.pop(place).close()
            self.journal.lose(call, type(error).__name__)
            time.sleep(self.random.uniform(0, AFTER_A_LOSS))
        else:
            self.journal.end(call, status, body, replayed)
        return call

    def _exchange(self, place: tuple[str, int], request: Request) -> tuple[int, bytes, bool]:
        connection = self._connection(place)
        headers = dict(self._headers)
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        body = None if request.body is None else json.dumps(request.body).encode()
        connection.request(request.method, f"/api/v1{request.path}", body, headers)
        answer = connection.getresponse()
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        return answer.status, answer.read(), replayed

    def _connection(self, place: tuple[str, int]) -> http.client.HTTPConnection:
        phase, port = place
        now = time.monotonic()
        if now > self._used.get(place, now) + IDLE and place in self._connections:
            self._connections.pop(place).close()
        self._used[place] = now
        if place not in self._connections:
            there = http.client.HTTPConnection(HOST, port, timeout=PATIENCE[phase])
            self._connections[place] = there
        return self._connections[place]

    def get(self, path: str, verb: str = "look", **sent: Any) -> Call:
        return self.send(Request(verb, "GET", path, sent=sent))
