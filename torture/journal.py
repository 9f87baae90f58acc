"""What was called, when, and what was answered. The checker knows nothing else.

Times are this machine's clock in seconds, which is also the clock of the database.
"""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOREVER = float("inf")
_NOTHING_HAPPENED = {"busy"}  # a 503 with this error promises it


@dataclass
class Call:
    """One request. `sent`: what was asked for, by name. `status` is None if no answer came."""

    number: int
    client: str
    phase: str  # "faults", or "calm" when everything must succeed
    verb: str
    sent: dict[str, Any]
    key: str | None
    begin: float
    end: float = FOREVER
    status: int | None = None
    body: bytes = b""
    replayed: bool = False
    trouble: str = ""  # why no answer came
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """The name of the refusal; empty if it was none."""
        return str(self.answer.get("error") or "") if (self.status or 0) >= 400 else ""

    @property
    def succeeded(self) -> bool:
        return self.status is not None and self.status < 300

    @property
    def refused(self) -> bool:
        """Answered, and for certain without an effect."""
        return self.status is not None and not self.succeeded and not self.unknown

    @property
    def unknown(self) -> bool:
        """It may have happened, at any time from now on."""
        return self.status is None or (self.status >= 500 and self.error not in _NOTHING_HAPPENED)

    @property
    def definite(self) -> bool:
        """An answer that ends the matter, neither lost nor a 503."""
        return self.status is not None and self.status < 500


class Journal:
    """Every call, in memory and, once it has ended, in a file of JSON lines."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.phase = "faults"
        self.calls: list[Call] = []
        self._lines = open(file, "w")  # noqa: SIM115  # for as long as the run lasts
        self._lock = threading.Lock()

    def begin(self, client: str, verb: str, sent: dict[str, Any], key: str | None) -> Call:
        with self._lock:
            call = Call(len(self.calls), client, self.phase, verb, sent, key, time.time())
            self.calls.append(call)
        return call

    def end(self, call: Call, status: int, body: bytes, replayed: bool) -> None:
        call.end, call.body, call.replayed = time.time(), body, replayed
        call.answer = _document(body)
        call.status = status  # last, because others read calls while they are under way
        self._write(call)

    def lose(self, call: Call, trouble: str) -> None:
        """No answer came, so the outcome is unknown."""
        call.trouble = trouble
        self._write(call)

    def _write(self, call: Call) -> None:
        told = {**vars(call), "body": call.body.decode("utf-8", "replace"), "answer": None}
        with self._lock:
            self._lines.write(json.dumps(told) + "\n")
            self._lines.flush()

    def of(self, *verbs: str) -> Iterator[Call]:
        return (call for call in list(self.calls) if call.verb in verbs)


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
