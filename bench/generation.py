"""A million codes against as many random ones in a bare table; what ten millions do to the rest."""

from bench import latency, pages
from bench.ground import Ground, ratio

MILLION = 1_000_000
PAIRS = 3
MILLIONS = 10


def run(ground: Ground) -> None:
    """Baseline and measurement in turn, as the machine's speed drifts; the median pair counts."""
    ground.server.web()
    few = latency.median_alone(ground)
    latency.while_generating(ground)
    pairs = []
    for _ in range(PAIRS):
        bare = float(ground.call("bare_table"))
        seconds = ground.call("generate_millions", 1)
        pairs.append((MILLION / seconds[0], bare))
    made, bare = sorted(pairs, key=lambda pair: pair[0] / pair[1])[PAIRS // 2]
    ground.say("generation, 1,000,000 codes", ratio(made, bare, "codes/s"))
    seconds = ground.call("generate_millions", MILLIONS - PAIRS)
    growth = seconds[-1] * made / MILLION
    ground.say("growth, the tenth million against the first three", f"{growth:.2f} x as long")
    many = latency.median_alone(ground)
    ground.say(
        "growth, a claim beside ten million codes",
        f"{many * 1000:.1f} ms against {few * 1000:.1f} ms: {many / few:.2f} x as long",
    )
    pages.run(ground)
