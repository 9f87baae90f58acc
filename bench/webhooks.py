"""Claims while an endpoint of webhooks listens to them, against claims that nobody listens to.

Both are measured in turns, in pairs. No worker delivers meanwhile: only what a claim has to do
counts.
"""

from bench import targets
from bench.claims import Claims, shuffled
from bench.ground import Ground

PAIRS = 5


def run(ground: Ground, seconds: int) -> None:
    codes = iter(shuffled(ground))
    ground.server.web()
    claims = Claims(ground)
    for what, requests in (
        (targets.HOT_TOLD, claims.of("Told")),
        (targets.DISTINCT_TOLD, claims.each(codes)),
    ):
        pairs = []
        for _ in range(PAIRS):
            off = claims.most(requests, seconds)
            ground.call("listen_to_claims", True)
            on = claims.most(requests, seconds)
            ground.call("listen_to_claims", False)
            pairs.append((on, off))
        on, off = sorted(pairs, key=lambda pair: pair[0] / pair[1])[PAIRS // 2]
        ground.say(what, on, "claims/s", **{targets.UNTOLD: off})
