"""`make bench`: how fast Promint is, each figure beside a baseline that was measured in the same
run.

python -m bench [claims] [generation] [exports]    all three without a name
"""

import sys

from bench import claims, exports, generation
from bench.ground import Ground

BENCHES = {"claims": claims.run, "generation": generation.run, "exports": exports.run}


def main(names: list[str]) -> None:
    for database in ("postgresql", "sqlite"):
        with Ground(database) as ground:
            for name in names or list(BENCHES):
                BENCHES[name](ground)


if __name__ == "__main__":
    main(sys.argv[1:])
