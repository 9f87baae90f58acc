"""The wheel, and environments into which it is installed, far from this directory."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILT_FROM = ("promint", "pyproject.toml", "README.md", "LICENSE", "Makefile")
LOCKS = ("requirements.lock", "requirements-dev.lock")
NEVER_SHIPPED = shutil.ignore_patterns("__pycache__", "*.egg-info")
PLAIN = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}  # whatever the machine's settings are
_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # of the make that runs the tests


def make_wheel(directory: Path) -> Path:
    """The wheel that `make wheel` makes of a copy of the sources."""
    sources = directory / "sources"
    sources.mkdir()
    for name in (*BUILT_FROM, *LOCKS):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, sources / name, ignore=NEVER_SHIPPED)
        else:
            shutil.copy2(ROOT / name, sources / name)
    (sources / ".venv").symlink_to(sys.prefix)
    stale = sources / "build" / "lib" / "promint" / "stale.py"  # as an earlier version left it
    stale.parent.mkdir(parents=True)
    stale.touch()
    run("make", "--old-file=.venv/.runtime", "wheel", cwd=sources)
    (wheel,) = (sources / "dist").glob("*.whl")
    return wheel


def in_sources() -> set[str]:
    """The files of the package, as paths in a wheel."""
    found = {path.relative_to(ROOT) for path in (ROOT / "promint").rglob("*") if path.is_file()}
    return {str(path) for path in found if "__pycache__" not in path.parts}


def in_wheel(wheel: Path) -> set[str]:
    """The files of the package."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith("promint/")}


def environment_with(wheel: Path, directory: Path) -> Path:
    """A new virtual environment with the wheel and the locked dependencies: links to the files
    that are installed here."""
    run(sys.executable, "-m", "venv", "--without-pip", str(directory))
    (packages,) = directory.glob("lib/python3*/site-packages")
    for name in _locked():
        _link(metadata.distribution(name), packages)
    pip = (sys.executable, "-m", "pip", "--quiet", f"--python={directory}")
    run(*pip, "install", "--no-deps", str(wheel))
    run(*pip, "check")  # whether the wheel asks for nothing that is not there
    return directory


def _locked() -> list[str]:
    """What runs Promint and is installed on this platform."""
    locked = re.findall(r"^([\w.-]+)==", (ROOT / LOCKS[0]).read_text(), re.MULTILINE)
    here = {re.sub(r"[-_.]+", "-", one.name).lower() for one in metadata.distributions()}
    return [name for name in locked if name in here and name != "setuptools"]


def _link(installed: metadata.Distribution, packages: Path) -> None:
    tops = {file.parts[0] for file in installed.files or [] if file.parts[0] != "__pycache__"}
    for top in tops - {".."}:
        link = packages / top
        if not link.exists():
            link.symlink_to(Path(str(installed.locate_file(top))))


def run(*command: str, cwd: Path | None = None) -> str:
    """The standard output of a program, which must not fail."""
    around = {name: value for name, value in os.environ.items() if name not in _MAKE}
    done = subprocess.run(
        command, cwd=cwd, env={**around, **PLAIN}, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout
