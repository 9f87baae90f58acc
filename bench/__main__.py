"""`make bench`: how fast Promint is, each figure beside a baseline that was measured in the same
run. The figures are written to bench/results too.

python -m bench [claims] [generation] [exports] [handouts] [sheets] [webhooks]

Without a name, all of them are run; with --quick, claims only, in less than three minutes.
"""

import sys
from functools import partial

from bench import claims, exports, generation, handouts, sheets, webhooks
from bench.ground import Ground
from bench.report import Report

BENCHES = {
    "claims": partial(claims.run, seconds=8),
    "generation": generation.run,
    "exports": exports.run,
    "handouts": partial(handouts.run, seconds=8),
    "sheets": sheets.run,
    "webhooks": partial(webhooks.run, seconds=4),
}
QUICK = {"claims": partial(claims.run, seconds=3)}


def main(arguments: list[str]) -> None:
    benches = QUICK if "--quick" in arguments else BENCHES
    names = [name for name in arguments if name in benches]
    report = Report()
    for database in ("postgresql", "sqlite"):
        with Ground(database, report) as ground:
            for name in names or benches:
                benches[name](ground)
    print(f"Written to {report.write()}.")


if __name__ == "__main__":
    main(sys.argv[1:])
