"""Generating a million codes against loading as many random ones into a bare table; growth."""

from bench.ground import Ground, ratio

CODES = 1_000_000
MILLIONS = 10


def run(ground: Ground) -> None:
    baseline = float(ground.call("bare_table"))
    seconds = ground.call("generate_millions", MILLIONS)
    ground.say("generation, 1,000,000 codes", ratio(CODES / seconds[0], baseline, "codes/s"))
    ground.say(
        "growth, the last of ten million against the first",
        f"{seconds[-1] / seconds[0]:.2f} x as long",
    )
