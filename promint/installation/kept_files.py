"""The files that belong to a snapshot of the database: of exports that can be downloaded, of
uploads that are not loaded yet, and mails that were written to files.

A worker may delete a file as soon as its job is done, which may be right after the snapshot. So all
files are opened around the snapshot, and an open file can be read even if it has been deleted. Of
a file in a store of objects, a copy without a name is opened, which ends with this process.
"""

import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings

from promint.core import exports, shared_files, uploads
from promint.core.storage import database_now, stored_files
from promint.installation import archive

DIRECTORIES = ("exports", "uploads", "mails")
Files = dict[Path, BinaryIO]


@contextmanager
def all_open() -> Iterator["Around"]:
    """Open all files that are there now."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as closing:
        around = Around(closing)
        around.open_all()
        yield around


class Around:
    def __init__(self, closing: ExitStack) -> None:
        self._closing = closing
        self._files: Files = {}

    def open_all(self) -> None:
        """Open what has arrived since."""
        for name in DIRECTORIES:
            for path in stored_files.directory(name).iterdir():
                if path not in self._files and path.is_file():
                    with suppress(FileNotFoundError):
                        self._files[path] = self._closing.enter_context(path.open("rb"))
        for name in ("exports", "uploads"):
            for path in shared_files.kept_beside_the_database(name):
                if path not in self._files:
                    with suppress(FileNotFoundError, EOFError):
                        self._files[path] = self._closing.enter_context(_copy(path))

    def fitting(self) -> tuple[Files, list[Path]]:
        """The files that belong to the snapshot in which this is called, and those that jobs of
        the snapshot need and that are not there."""
        now = database_now()
        of_jobs = exports.kept_paths(now) | uploads.kept_paths(now)
        for name in ("exports", "uploads"):
            for path in shared_files.stored_in_the_database(name):
                of_jobs.pop(path, None)  # so it is in the backup of the database
        mails = {path for path in self._files if path.parent.name == "mails"}
        fitting = {
            path: file
            for path, file in self._files.items()
            if path in of_jobs or (path in mails and path.suffix == ".eml")
        }
        needed = (path for path, needs in of_jobs.items() if needs)
        return fitting, sorted(path for path in needed if path not in fitting)


def _copy(path: Path) -> BinaryIO:
    """Raises FileNotFoundError, or EOFError if it is deleted meanwhile."""
    copy = tempfile.TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115 (the caller closes it)
    try:
        with shared_files.open_file(path) as source:
            shutil.copyfileobj(source, copy, archive.PIECE)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return cast(BinaryIO, copy)
