"""Defects made on purpose. Each `*.patch` here takes one guard away from a copy of the product, and
torture must find it: `make mutants`. A patch begins with what it does, in a sentence."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SQL = "SQL: "


@dataclass(frozen=True)
class Mutant:
    """`statements`: done to the database, where a constraint would refuse what the code lets
    through."""

    patch: Path
    what: str
    statements: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.patch.stem

    def make(self, directory: Path) -> None:
        """Copy the product into the directory and patch the copy."""
        shutil.copytree(
            ROOT / "promint", directory / "promint", ignore=shutil.ignore_patterns("__pycache__")
        )
        tool = ["git", "apply"] if shutil.which("git") else ["patch", "--strip=1", "--input"]
        subprocess.run([*tool, str(self.patch)], cwd=directory, check=True)


def all_mutants() -> list[Mutant]:
    return [_read(patch) for patch in sorted(Path(__file__).parent.glob("*.patch"))]


def _read(patch: Path) -> Mutant:
    head = patch.read_text().partition("\n\n")[0].splitlines()
    statements = tuple(line.removeprefix(_SQL) for line in head if line.startswith(_SQL))
    return Mutant(patch, " ".join(line for line in head if not line.startswith(_SQL)), statements)
