"""The defects that torture must find fit the source as it is now, and the proof names them all."""

import re
import shutil
import subprocess

import pytest

from torture.mutants import ROOT, Mutant, all_mutants


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_every_mutant_can_be_made(mutant: Mutant) -> None:
    if shutil.which("git"):
        tool = ["git", "apply", "--check"]
    else:
        tool = ["patch", "--dry-run", "--strip=1", "--input"]
    subprocess.run([*tool, str(mutant.patch)], cwd=ROOT, check=True)
    assert mutant.what.endswith(".")


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_constraints_that_a_mutant_drops_are_those_of_the_tables(mutant: Mutant) -> None:
    tables = "".join(path.read_text() for path in (ROOT / "promint/core").glob("*.py"))
    for statement in mutant.statements:
        name = statement.split()[-1]
        assert f'name="{name}"' in tables or name.endswith("_pkey")  # which Django names


def test_the_proof_names_all_mutants() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/proof.md").read_text(), re.MULTILINE)
    assert rows == [mutant.name for mutant in all_mutants()]
