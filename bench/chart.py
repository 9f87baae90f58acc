"""A chart of a run in plain characters: how far each figure is from what it should be.

python -m bench.chart [bench/results/….json]    the newest run without a name
"""

import json
import sys
from pathlib import Path
from typing import Any

from bench.targets import TARGETS, Target

RESULTS = Path(__file__).with_name("results")
AT_LEAST = 16  # characters of a bar that reaches its target
LONGEST = 32


def chart(run: dict[str, Any]) -> str:
    """`run`: what a report has written. A figure is good enough if its bar reaches the line."""
    lines, database = [], ""
    for figure in run["figures"]:
        target = TARGETS.get((figure["database"], figure["what"]))
        if target is None:
            continue
        if figure["database"] != database:
            database = figure["database"]
            lines.append(f"{database:<64}{'at least':>{AT_LEAST + 1}}")
        lines.append(f"{figure['what']:<50}{_bar(figure, target)}")
    return "\n".join(lines)


def _bar(figure: dict[str, Any], target: Target) -> str:
    got = figure["measured"] / (figure["against"][target.of] if target.of else 1)
    share = target.at_least / got if target.smaller_is_better else got / target.at_least
    length = min(LONGEST, round(share * AT_LEAST))
    bar = "█" * min(length, AT_LEAST) + " " * (AT_LEAST - length) + "|" + "█" * (length - AT_LEAST)
    return f"{got:>7,.3g} {'x' if target.of else figure['unit']:<6}{bar}"


def newest() -> Path:
    return max(RESULTS.glob("*.json"))


if __name__ == "__main__":
    file = Path(sys.argv[1]) if sys.argv[1:] else newest()
    print(chart(json.loads(file.read_text())))
