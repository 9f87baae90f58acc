"""All dependencies are pinned: the lock files have what pyproject.toml asks for, with hashes."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNTIME, DEVELOPMENT = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"


def wanted(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = list(project["dependencies"])
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    return {normalised(re.split(r"[\[<>=;~! ]", one)[0]) for one in asked}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lock: Path) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^ ;\\]+)", lock.read_text(), re.MULTILINE)
    return {normalised(name): version for name, version in found}


def test_the_locks_hold_every_dependency() -> None:
    assert wanted("build") <= pinned(RUNTIME).keys()
    assert wanted("build", "dev", "docs") <= pinned(DEVELOPMENT).keys()


def test_what_runs_is_what_was_tested() -> None:
    assert pinned(RUNTIME).items() <= pinned(DEVELOPMENT).items()


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT], ids=lambda lock: lock.name)
def test_every_pin_has_a_hash(lock: Path) -> None:
    for pin in re.split(r"\n(?=\S)", lock.read_text().strip()):
        assert "--hash=sha256:" in pin, pin.splitlines()[0]
