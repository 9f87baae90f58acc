"""Customers who never give up. Each notes what it is going to do and what was acknowledged."""

import threading
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.servers import Server

_TRANSIENT = (httpx.TransportError, httpx.RemoteProtocolError)


@dataclass
class Journal:
    """`intents`: the code and customer for each idempotency key. `answers`: what was
    acknowledged, by key."""

    intents: dict[str, tuple[str, str]] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)

    @property
    def open(self) -> list[str]:
        return [key for key in self.intents if key not in self.answers]

    def granted(self) -> list[str]:
        return [key for key, (status, _) in self.answers.items() if status == 201]

    def send(self, client: httpx.Client, key: str, code: str, customer: str) -> bool:
        """Whether it was acknowledged by a final answer, not a 503 or a lost connection."""
        self.intents[key] = code, customer
        try:
            answer = client.post(
                "/claims",
                json={"code": code, "customer": customer},
                headers={"Idempotency-Key": key},
            )
        except _TRANSIENT as error:
            self.troubles[type(error).__name__] += 1
            return False
        if answer.status_code >= 500:
            assert answer.json()["error"] in ("busy", "outcome_unknown"), answer.text
            self.troubles[answer.json()["error"]] += 1
            return False
        before = self.answers.setdefault(key, (answer.status_code, answer.content))
        assert before == (answer.status_code, answer.content), "an answer changed"
        return True

    def retry_open(self, server: Server, url: str) -> None:
        """Send every attempt without an acknowledgement again, with its key."""
        with _client(server, url) as client:
            for key in self.open:
                assert self.send(client, key, *self.intents[key]), self.troubles


class Crowd:
    """Threads that claim codes until they are stopped. `codes`: one for each, or the same for
    all. `pause`: seconds that a customer waits after a failure."""

    def __init__(
        self, server: Server, codes: list[str], customers: int = 8, pause: float = 0.05
    ) -> None:
        self.journal = Journal()
        self._server, self._codes, self._pause = server, codes, pause
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._next = 0
        self._threads = [threading.Thread(target=self._claim) for _ in range(customers)]
        self._defects: list[BaseException] = []

    def __enter__(self) -> "Crowd":
        _ = self._server.claim_key  # made before the load starts
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not self._defects, self._defects

    @property
    def acknowledged(self) -> int:
        return len(self.journal.answers)

    def _claim(self) -> None:
        try:
            with _client(self._server, self._server.urls[-1]) as client:
                while not self._stop.is_set() and (number := self._number()) is not None:
                    code = self._codes[number % len(self._codes)]
                    sent = self.journal.send(client, f"key-{number}", code, f"customer-{number}")
                    if not sent:
                        self._stop.wait(self._pause)
        except BaseException as defect:
            self._defects.append(defect)

    def _number(self) -> int | None:
        with self._lock:
            self._next += 1
            return self._next


def _client(server: Server, url: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{url}/api/v1",
        headers={"Authorization": f"Bearer {server.claim_key}"},
        timeout=60,
        trust_env=False,
    )
