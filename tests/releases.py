"""The sources of an earlier release, taken from the history of this clone."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from tests.installed import ROOT

# The next release must run beside this one on one database. Later releases take its place here.
LAST = "362da5da6cebfbc2b83c48fda2fd20cc55a277e5"


def sources_of(release: str, directory: Path) -> Path:
    """Where the package of that release is. The clone needs its history; a shallow one fetches
    what is missing."""
    if _git("cat-file", "-e", f"{release}^{{commit}}").returncode:
        _git("fetch", "--quiet", "--depth=1", "origin", release)
    archive = _git("archive", "--format=tar", release, "promint")
    assert archive.returncode == 0, (
        f"The history of this clone has no {release}: git fetch --unshallow. {archive.stderr!r}"
    )
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(directory, filter="data")
    return directory


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    trusting = ("git", "-c", f"safe.directory={ROOT}")  # whoever owns the clone
    return subprocess.run([*trusting, *arguments], cwd=ROOT, capture_output=True)
