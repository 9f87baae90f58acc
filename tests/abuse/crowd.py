"""A crowd of callers in a process of its own. Each claims again as soon as it has an answer.

python -m tests.abuse.crowd URL KEY CODE CALLERS SECONDS

Prints what was answered, as JSON.
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

OWN_DESCRIPTORS = 50
AT_ONCE = 200  # who connect at the same time, as many as a server's backlog surely takes

_numbers = count()


@dataclass
class Answered:
    statuses: dict[str, int] = field(default_factory=Counter)
    unsaid: int = 0  # answers of 503 that do not say when to come back
    lost: int = 0  # connections that ended without an answer

    def note(self, head: bytes) -> None:
        status = head[9:12].decode()
        self.statuses[status] += 1
        self.unsaid += status == "503" and b"\r\nretry-after: " not in head.lower()


def room_for(callers: int) -> bool:
    """Whether a process may have so many connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return hard == resource.RLIM_INFINITY or hard >= callers + OWN_DESCRIPTORS


async def crowd(url: str, key: str, code: str, callers: int, seconds: float) -> Answered:
    answered, gate, begins = Answered(), asyncio.Semaphore(AT_ONCE), asyncio.Event()

    async def caller() -> None:
        address = urlsplit(url)
        async with gate:
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
        await begins.wait()
        try:
            while time.monotonic() < until:
                writer.write(_claim(key, code))
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(_length(head))
                answered.note(head)
        except (OSError, asyncio.IncompleteReadError):
            answered.lost += 1
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
        await asyncio.sleep(callers / 2_000)  # most have come
        until = time.monotonic() + seconds
        begins.set()
    return answered


def _claim(key: str, code: str) -> bytes:
    body = json.dumps({"code": code, "customer": f"crowd-{next(_numbers)}"})
    head = [
        "POST /api/v1/claims HTTP/1.1",
        "Host: promint",
        f"Authorization: Bearer {key}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", body]).encode()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split()[0])


if __name__ == "__main__":
    url, key, code, callers, seconds = sys.argv[1:]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    answers = asyncio.run(crowd(url, key, code, int(callers), float(seconds)))
    print(json.dumps(vars(answers)))
