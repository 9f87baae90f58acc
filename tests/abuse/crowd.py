"""A crowd of callers in a process of its own, who claim so many times a second, all together.

python -m tests.abuse.crowd PORT KEY CODE CALLERS SECONDS A_SECOND

It stops claiming earlier if its standard input ends. Prints what was answered, as JSON.
"""

import json
import resource
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from bench import load
from tests.servers import Server

OWN_DESCRIPTORS = 50
AS_MANY_AS_CAN_BE = 1_000_000  # claims a second
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Answered:
    """By status: `statuses` has the number of answers, `middle` the median of seconds until they
    came, `late` the seconds of the slowest of a hundred. `unsaid`: answers of 503 that do not say
    when to come back. `drained`: seconds from the last claim to the last answer."""

    statuses: dict[str, int]
    middle: dict[str, float]
    late: dict[str, float]
    unsaid: int
    seconds: float
    drained: float

    def per_second(self, status: str) -> float:
        return self.statuses.get(status, 0) / self.seconds


class ByStatus(load.Measured):
    def __init__(self) -> None:
        super().__init__()
        self.of: dict[str, list[float]] = defaultdict(list)
        self.unsaid = 0

    def note(self, head: bytes, seconds: float) -> None:
        status = head[9:12].decode()
        self.of[status].append(seconds)
        self.unsaid += status == "503" and b"\r\nretry-after: " not in head.lower()


def room_for(callers: int) -> bool:
    """Whether a process may have so many connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return hard == resource.RLIM_INFINITY or hard >= callers + OWN_DESCRIPTORS


@contextmanager
def come(
    server: Server, code: str, callers: int, seconds: float, a_second: float = AS_MANY_AS_CAN_BE
) -> Iterator[subprocess.Popen[str]]:
    """A crowd that goes away at the latest with the `with` block. `communicate` stops it before
    its seconds are over; `heard` reads its output."""
    port = str(urlsplit(server.url).port)
    wanted = [port, server.claim_key, code, str(callers), str(seconds), str(a_second)]
    command = [sys.executable, "-m", "tests.abuse.crowd", *wanted]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=_HERE.parents[1], stdin=pipe, stdout=pipe, text=True
    ) as came:
        try:
            yield came
        finally:
            came.kill()


def heard(output: str) -> Answered:
    return Answered(**json.loads(output))


def _main(port: str, key: str, code: str, callers: str, seconds: str, a_second: str) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    seen, told = ByStatus(), _told_to_stop()
    requests = (load.request(int(port), key, code, f"crowd-{callers}-{n}") for n in count())

    def goes_on(past: float) -> bool:
        return past < float(seconds) and not told.is_set()

    drained = load.press(int(port), requests, float(a_second), int(callers), goes_on, seen)
    ordered = {status: sorted(found) for status, found in seen.of.items()}
    answered = Answered(
        statuses={status: len(found) for status, found in ordered.items()},
        middle={status: found[len(found) // 2] for status, found in ordered.items()},
        late={status: found[len(found) * 99 // 100] for status, found in ordered.items()},
        unsaid=seen.unsaid,
        seconds=seen.seconds,
        drained=drained,
    )
    print(json.dumps(vars(answered)))


def _told_to_stop() -> threading.Event:
    """Is set when the standard input ends."""
    told = threading.Event()

    def read() -> None:
        sys.stdin.read()
        told.set()

    threading.Thread(target=read, daemon=True).start()
    return told


if __name__ == "__main__":
    _main(*sys.argv[1:])
