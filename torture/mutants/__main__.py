"""`make mutants`: torture on PostgreSQL with each mutant, one after the other, until it is found.

Ends with 0 if all were found, 1 if one was not, 2 if a run did not go as planned.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from torture.mutants import ROOT, Mutant, all_mutants

# In a plan of so many minutes, the first of these seeds cuts connections before and after a COMMIT
# and kills web processes.
MINUTES = 0.3
SEEDS = ("m6", "second", "third")
FOUND = 1


@dataclass(frozen=True)
class Hunt:
    mutant: Mutant
    rules: list[str]  # of the checker that found it; none: it was not found
    runs: int
    seconds: float

    def __str__(self) -> str:
        found = "; ".join(self.rules) or "NOT FOUND"
        return f"| {self.mutant.name} | {self.runs} | {self.seconds:.0f} | {found} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m torture.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="all if none is said")
    names = parser.parse_args().names
    mutants = [one for one in all_mutants() if not names or one.name in names]
    hunts = []
    for mutant in mutants:
        print(f"{mutant.name}: {mutant.what}", flush=True)
        hunts.append(_hunt(mutant))
        print(hunts[-1], flush=True)
    print("\n| mutant | runs | seconds | rules that found it |\n| --- | --- | --- | --- |")
    print(*hunts, sep="\n")
    return 0 if all(hunt.rules for hunt in hunts) else 1


def _hunt(mutant: Mutant) -> Hunt:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="promint-mutant-") as folder:
        mutant.make(Path(folder))
        environment = {**os.environ, "PYTHONPATH": folder}
        _be_sure_that_it_runs(Path(folder), environment)
        for run, seed in enumerate(SEEDS, 1):
            rules = _found(mutant, seed, environment)
            hunt = Hunt(mutant, rules, run, time.monotonic() - began)
            if rules:
                break
    return hunt


def _be_sure_that_it_runs(copy: Path, environment: dict[str, str]) -> None:
    """That the copy is what is imported, and not the product itself."""
    asked = [sys.executable, "-P", "-c", "import promint; print(promint.__file__)"]
    told = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    if not Path(told.stdout.strip()).is_relative_to(copy):
        sys.exit(f"{told.stdout.strip()} would run instead of {copy}.")


def _found(mutant: Mutant, seed: str, environment: dict[str, str]) -> list[str]:
    command = [sys.executable, "-m", "torture", "--database=postgresql"]
    command += [f"--minutes={MINUTES}", f"--seed={seed}"]
    command += [f"--sql={statement}" for statement in mutant.statements]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    rules = re.findall(r"NOT SO: (.*)", run.stdout)
    if (run.returncode == FOUND) != bool(rules) or run.returncode > FOUND:
        print(run.stdout[-3_000:], run.stderr[-3_000:], sep="\n")
        sys.exit(2)
    return rules


if __name__ == "__main__":
    sys.exit(main())
