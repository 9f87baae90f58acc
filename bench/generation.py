"""A million codes, compared with as many random ones in a bare table; and how ten million codes
slow the rest down."""

from bench import latency, pages, targets
from bench.ground import Ground

MILLION = 1_000_000
PAIRS = 3
MILLIONS = 10


def run(ground: Ground) -> None:
    ground.server.web()
    few = latency.median_alone(ground)
    latency.while_generating(ground)
    codes, bare = _median_pair(ground)
    ground.say(targets.MILLION, codes, "codes/s", **{targets.BARE: bare})
    seconds = ground.call("generate_millions", MILLIONS)
    ground.say(targets.TENTH, seconds[-1], "s", **{"the first": seconds[0]})
    many = latency.median_alone(ground)
    ground.say(targets.BESIDE, many * 1000, "ms", **{"10,000": few * 1000})
    pages.run(ground)


def _median_pair(ground: Ground) -> tuple[float, float]:
    """Codes per second of Promint and of the baseline. Both load into empty tables, one after
    the other, because the machine's speed changes over time."""
    pairs = []
    for _ in range(PAIRS):
        with Ground(ground.database, ground.report) as fresh:
            bare = float(fresh.call("bare_table"))
            pairs.append((MILLION / fresh.call("generate_millions", 1)[0], bare))
    return sorted(pairs, key=lambda pair: pair[0] / pair[1])[PAIRS // 2]
