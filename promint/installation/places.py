"""A directory for files that are not whole yet, beside the file that they will become."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".promint-unfinished-"


@contextmanager
def unfinished_beside(file: Path) -> Iterator[Path]:
    """An empty directory for this process alone, removed at the end. What processes that were
    killed have left beside it is removed too."""
    _remove_what_others_left(file.parent)
    place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=file.parent))
    held = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield place
    finally:
        os.close(held)
        shutil.rmtree(place, ignore_errors=True)


def _remove_what_others_left(directory: Path) -> None:
    for place in directory.glob(f"{_PREFIX}*"):
        held = os.open(place, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place, ignore_errors=True)
        except BlockingIOError:
            pass  # its process is alive
        finally:
            os.close(held)


def into_place(whole: Path, name: Path) -> None:
    """Give a whole file its name, so that it is there even after a power cut. What had this name
    is gone only then."""
    with whole.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(whole, name)
    sync_directory(name.parent)


def sync_directory(directory: Path) -> None:
    held = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
