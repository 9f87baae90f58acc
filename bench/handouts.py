"""Codes handed out with 64 connections: by the verb itself, and over HTTP, where the load generator
is included in the figures. And the codes of a list, cancelled in bulk and made available again."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from urllib.parse import urlsplit

from bench import load, targets
from bench.ground import Ground
from tests.servers import end

CONNECTIONS = 64
PROCESSES = 4
CODES = 300_000
CANCELLED = 1_000_000

_numbers = count()


def run(ground: Ground, seconds: int) -> None:
    promo_list = ground.call("to_hand_out", CODES)
    against = {}
    if ground.database == "postgresql":
        ground.call("shelf", CODES)
        against = {targets.SHELF: _at_once(ground, seconds, "take_from_the_shelf")}
    by_the_verb = _at_once(ground, seconds, "hand_out", promo_list)
    ground.say(targets.HANDOUTS, by_the_verb, "handouts/s", **against)
    for processes in (1, 2) if ground.database == "postgresql" else (1,):
        web = ground.server.web("--processes", str(processes))
        name = f"handouts over HTTP, {processes} web process{'es' if processes > 1 else ''}"
        ground.say(name, _over_http(ground, promo_list, seconds), "handouts/s")
        end(web)
    cancelled, undone = ground.call("cancel_all", ground.call("to_hand_out", CANCELLED))
    ground.say("a million codes cancelled in bulk", cancelled, "codes/s")
    ground.say("a million codes made available again", undone, "codes/s")


def _at_once(ground: Ground, seconds: int, function: str, *arguments: str) -> float:
    """How many a second all connections make."""
    processes = PROCESSES if ground.database == "postgresql" else 1
    threads = CONNECTIONS // processes
    with ThreadPoolExecutor(processes) as pool:
        given = pool.map(
            lambda n: ground.call(function, *arguments, threads, seconds, f"guest-{n}"),
            range(processes),
        )
        return float(sum(given) / seconds)


def _over_http(ground: Ground, promo_list: str, seconds: int) -> float:
    port = urlsplit(ground.server.urls[-1]).port or 0
    path, key = f"/api/v1/lists/{promo_list}/handouts", ground.server.claim_key
    requests = (
        load.post(port, key, path, b'{"recipient":"visitor-%d"}' % number) for number in _numbers
    )
    load.run(port, islice(requests, 500), CONNECTIONS, 10)  # code and plans get warm
    measured = load.run(port, requests, CONNECTIONS, seconds)
    assert set(measured.statuses) == {201}, measured.statuses
    return measured.per_second
