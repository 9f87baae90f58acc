"""The sources of an earlier release, taken from the history of this clone."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.installed import ROOT

# The next release must run beside this one on one database. Later releases take its place here.
LAST = "362da5da6cebfbc2b83c48fda2fd20cc55a277e5"


def sources_of(release: str, directory: Path) -> Path:
    """Where the package of that release is. A shallow clone fetches what is missing. The test is
    skipped where there is no history at all, as in an archive of the sources."""
    if _git("cat-file", "-e", f"{release}^{{commit}}").returncode:
        _git("fetch", "--quiet", "--depth=1", "origin", release)
    archive = _git("archive", "--format=tar", release, "promint")
    if archive.returncode:
        needed = "In a shallow clone, git fetch --unshallow brings it."
        pytest.skip(f"There is no history with {release} here. {needed}")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(directory, filter="data")
    return directory


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    trusting = ("git", "-c", f"safe.directory={ROOT}")  # whoever owns the clone
    return subprocess.run([*trusting, *arguments], cwd=ROOT, capture_output=True)
