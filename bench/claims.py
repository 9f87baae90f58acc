"""Claims over HTTP. The load generator runs on the same machine and is included in the figures.

On PostgreSQL they are compared with what one would write by hand (bench.by_hand), on SQLite with
the same claims made one by one, with a transaction each.
"""

import random
from collections.abc import Callable, Iterator
from itertools import chain, count, islice
from urllib.parse import urlsplit

from bench import load, targets
from bench.by_hand import ByHand
from bench.ground import Ground
from tests.servers import end

CONNECTIONS = 256
FEW = 64  # connections, at half of full load
ALONE = 400  # claims, one after the other
CODES = 400_000

_numbers = count()


def run(ground: Ground, seconds: int) -> None:
    codes = iter(shuffled(ground))
    if ground.database == "sqlite":
        _one_process(ground, codes, seconds, lambda which: {targets.SINGLY: _singly(ground, which)})
        return
    by_hand = ByHand(ground, max(2, seconds // 2))
    _one_process(
        ground,
        codes,
        seconds,
        lambda which: {
            targets.FUNCTION: by_hand.best("function", which),
            targets.PEER: by_hand.best("peer", which),
        },
    )


def _one_process(
    ground: Ground,
    codes: Iterator[str],
    seconds: int,
    baselines: Callable[[str], dict[str, float]],
) -> None:
    web = ground.server.web()
    claims = Claims(ground)
    hot, against = claims.most(claims.of("Hot"), seconds), baselines("hot")
    ground.say(targets.HOT, hot, "claims/s", **against)
    distinct, against = claims.most(claims.each(codes), seconds), baselines("distinct")
    ground.say(targets.DISTINCT, distinct, "claims/s", **against)
    alone = load.run(claims.port, islice(claims.each(codes), ALONE), 1, 120.0)
    ground.say(targets.ALONE, alone.percentile(0.5) * 1000, "ms")
    half = load.run_at(claims.port, claims.of("Hot"), hot / 2, FEW, seconds)
    ground.say(targets.HALF, half.percentile(0.99) * 1000, "ms")
    end(web)
    if ground.database == "postgresql":
        _two_processes(ground, codes, seconds, hot, distinct)


def _two_processes(
    ground: Ground, codes: Iterator[str], seconds: int, hot: float, distinct: float
) -> None:
    ground.server.web("--processes", "2")
    claims = Claims(ground)
    both = chain.from_iterable(zip(claims.of("Left"), claims.of("Right"), strict=True))
    for what, requests, alone in (
        (targets.TWO_HOT, both, hot),
        (targets.ONE_HOT, claims.of("Both"), hot),
        (targets.DISTINCT_TWO, claims.each(codes), distinct),
    ):
        most = claims.most(requests, seconds)
        ground.say(what, most, "claims/s", **{targets.ONE_PROCESS: alone})


class Claims:
    """Requests to the web process that was started last."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.port, self._key = urlsplit(ground.server.urls[-1]).port or 0, ground.server.claim_key
        self._made: set[str] = set()

    def of(self, name: str) -> Iterator[bytes]:
        """Claims of one code, whose list has a cap."""
        if name not in self._made:
            self._ground.call("multi_use", name)
            self._made.add(name)
        return (load.request(self.port, self._key, name, f"customer-{n}") for n in _numbers)

    def each(self, codes: Iterator[str]) -> Iterator[bytes]:
        return (load.request(self.port, self._key, c, f"shopper-{next(_numbers)}") for c in codes)

    def most(self, requests: Iterator[bytes], seconds: int) -> float:
        """Claims per second, as many as are possible. All must be made."""
        load.run(self.port, islice(requests, 500), CONNECTIONS, 10)  # code and plans get warm
        measured = load.run(self.port, requests, CONNECTIONS, seconds)
        refused = measured.statuses.total() - measured.statuses[201]
        assert not refused, measured.statuses
        return measured.per_second


def shuffled(ground: Ground) -> list[str]:
    codes: list[str] = ground.call("single_use", CODES)
    random.shuffle(codes)
    return codes


def _singly(ground: Ground, which: str) -> float:
    return float(ground.call("one_by_one", which == "hot", 3))
