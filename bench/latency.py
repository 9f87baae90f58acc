"""How long a claim takes: with few codes, with ten million, and while a million are generated."""

import time
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlsplit

from bench import load, targets
from bench.ground import Ground

ALONE = 400  # claims, one after the other
CROWD = 8  # connections
SECONDS = 6.0

_numbers = count()


def median_alone(ground: Ground) -> float:
    """The median time in seconds of claims one after the other, each of another single use code."""
    port, key = _address(ground)
    codes = ground.call("single_use", 10_000)[:ALONE]
    requests = (load.request(port, key, c, f"alone-{next(_numbers)}") for c in codes)
    measured = load.run(port, requests, 1, 120.0)
    assert set(measured.statuses) == {201}, measured.statuses
    return measured.percentile(0.5)


def while_generating(ground: Ground) -> None:
    ground.call("multi_use", "Meanwhile")
    quiet = load.run(*_crowd(ground), CROWD, SECONDS)
    worker = ground.server.worker()
    started = time.monotonic()
    batch = ground.call("ask_for_a_million")
    busy = load.run(*_crowd(ground), CROWD, SECONDS)
    ground.call("wait_for", batch)
    worker.terminate()
    worker.wait()
    ground.say(
        targets.MEANWHILE,
        busy.percentile(0.99) * 1000,
        "ms",
        without=quiet.percentile(0.99) * 1000,
    )
    ground.say("that million", time.monotonic() - started, "s")


def _crowd(ground: Ground) -> tuple[int, Iterator[bytes]]:
    port, key = _address(ground)
    return port, (load.request(port, key, "Meanwhile", f"crowd-{n}") for n in _numbers)


def _address(ground: Ground) -> tuple[int, str]:
    return urlsplit(ground.server.urls[-1]).port or 0, ground.server.claim_key
