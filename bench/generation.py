"""A million codes, compared with as many random ones in a bare table; and how ten million codes
slow the rest down."""

from bench import latency, pages
from bench.ground import Ground, ratio

MILLION = 1_000_000
PAIRS = 3
MILLIONS = 10


def run(ground: Ground) -> None:
    ground.server.web()
    few = latency.median_alone(ground)
    latency.while_generating(ground)
    ground.say("generation, 1,000,000 codes", ratio(*_median_pair(ground.database), "codes/s"))
    seconds = ground.call("generate_millions", MILLIONS)
    growth = f"{seconds[-1] / seconds[0]:.2f} x as long"
    ground.say("growth, the tenth million against the first", growth)
    many = latency.median_alone(ground)
    ground.say(
        "growth, a claim beside ten million codes",
        f"{many * 1000:.1f} ms against {few * 1000:.1f} ms: {many / few:.2f} x as long",
    )
    pages.run(ground)


def _median_pair(database: str) -> tuple[float, float]:
    """Codes per second of Promint and of the baseline. Both load into empty tables, one after
    the other, because the machine's speed changes over time."""
    pairs = []
    for _ in range(PAIRS):
        with Ground(database) as fresh:
            bare = float(fresh.call("bare_table"))
            pairs.append((MILLION / fresh.call("generate_millions", 1)[0], bare))
    return sorted(pairs, key=lambda pair: pair[0] / pair[1])[PAIRS // 2]
