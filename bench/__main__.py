"""`make bench`: the figures of docs/performance.md, each as a ratio within this run.

python -m bench [NAME ...]    of: claims, generation, exports; all without a name
"""

import sys

from bench import claims, generation
from bench.ground import Ground

BENCHES = {"claims": claims.run, "generation": generation.run}


def main(names: list[str]) -> None:
    for database in ("postgresql", "sqlite"):
        with Ground(database) as ground:
            for name in names or list(BENCHES):
                BENCHES[name](ground)


if __name__ == "__main__":
    main(sys.argv[1:])
