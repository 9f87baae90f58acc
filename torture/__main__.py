"""`make torture`: python -m torture [--database postgresql] [--minutes 10] [--seed 7]

Ends with 0 if nothing was found, 1 if something was, 2 if the run itself was not as planned.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.databases import installed_tools, keep_files_in_memory
from torture import plan
from torture.checker import Finding
from torture.ground import Ground
from torture.run import Outcome, Run

FOUND, NOT_AS_PLANNED = 1, 2
SHOWN = 8  # findings of one rule


def main() -> int:
    options = _options()
    keep_files_in_memory()
    seed = options.seed or secrets.token_hex(4)
    databases = [options.database] if options.database else ["postgresql", "sqlite"]
    if "postgresql" in databases and installed_tools() is None:
        if options.database or os.environ.get("CI") == "true":
            print("FAILED: torture on PostgreSQL, which is not installed here.")
            return NOT_AS_PLANNED
        print("SKIPPED: torture on PostgreSQL, which is not installed here.")
        databases = ["sqlite"]
    return max(_on(database, seed, options) for database in databases)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--database", choices=["postgresql", "sqlite"], help="both if not said")
    parser.add_argument("--minutes", type=float, default=10.0, help="of faults, on each database")
    parser.add_argument("--seed", help="of an earlier run, to have the same plan")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--keep", type=Path, help="where to put the journal of a run that fails")
    parser.add_argument("--sql", action="append", default=[], help="done to the database first")
    return parser.parse_args()


def _on(database: str, seed: str, options: argparse.Namespace) -> int:
    drawn = plan.draw(database, seed, options.minutes * 60, options.clients)
    say = _Told(database)
    say(f"commit {_commit()}")
    for line in drawn.lines():
        say(line)
    with Ground(database, options.sql) as ground:
        outcome = Run(drawn, ground, say).carry_out()
        status = _judged(outcome, say)
        if status and options.keep:
            _keep(ground, outcome, options.keep / f"{database}-{seed}", say)
    say(("held", "BROKEN", "NOT AS PLANNED")[status])
    return status


class _Told:
    """Prints lines, each after the database and the seconds since the start."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._begun = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"{self._database:<10} {time.monotonic() - self._begun:5.0f}  {line}", flush=True)


def _judged(outcome: Outcome, say: _Told) -> int:
    for name, figure in outcome.figures.items():
        say(f"{name}: {json.dumps(figure)}")
    for finding in outcome.findings:
        _show(finding, say)
    for kind in outcome.in_vain:
        say(f"promised, but it did not happen: {kind}")
    if outcome.findings:
        return FOUND
    return NOT_AS_PLANNED if outcome.in_vain else 0


def _show(finding: Finding, say: _Told) -> None:
    say(f"NOT SO: {finding.rule} ({len(finding.what)})")
    for what in finding.what[:SHOWN]:
        say(f"  {what}")


def _keep(ground: Ground, outcome: Outcome, place: Path, say: _Told) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for file in (outcome.journal, ground.server.log):
        shutil.copy(file, place / file.name)
    say(f"journal and log are in {place}")


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)  # noqa: S607
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
