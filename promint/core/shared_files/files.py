"""Files that another machine must read, wherever they are.

In a shared place, the database or a store of objects, they are until their time is over; on a
machine only while it works with them. Without a shared place they stay in the data directory, which
all processes then have in common. What is in the database is found with every setting.
"""

import io
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from promint.core.shared_files.in_database import InDatabase
from promint.core.shared_files.in_s3 import SCHEME, InS3
from promint.core.shared_files.place import PIECE, Place
from promint.core.storage import stored_files

DIRECTORY = "directory:"  # the setting of who has no shared place
_DATABASE = InDatabase()


def _places() -> list[Place]:
    """The one that the setting names comes first."""
    if are_in_a_store():
        return [InS3(settings.FILES_URL), _DATABASE]
    return [_DATABASE]


def _place_of(name: str) -> tuple[Place, int] | None:
    """Where the file is, and its size in bytes."""
    for place in _places():
        if (size := place.size(name)) is not None:
            return place, size
    return None


def are_in_a_store() -> bool:
    """Whether they are neither in the database nor in the data directory."""
    return str(settings.FILES_URL).startswith(SCHEME)


def hand_over(path: Path) -> None:
    """Move a file that is complete to the shared place, if there is one. It is there whole or, if
    this raises, not at all."""
    if settings.FILES_URL == DIRECTORY:
        return
    try:
        _places()[0].put(_name(path), path)
    finally:
        path.unlink(missing_ok=True)


def is_there(path: Path) -> bool:
    return path.exists() or _place_of(_name(path)) is not None


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading, wherever it is. Raises FileNotFoundError."""
    with suppress(FileNotFoundError):
        return path.open("rb")
    found = _place_of(_name(path))
    if found is None:
        raise FileNotFoundError(path.name)
    place, size = found
    return io.BufferedReader(_Elsewhere(place, _name(path), size), place.piece)


class _Elsewhere(io.RawIOBase):
    """A file in the shared place, of which one piece at a time is in memory."""

    def __init__(self, place: Place, name: str, size: int) -> None:
        self._from, self._name, self._size = place, name, size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, begin + offset)
        return self._place

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        """Raises EOFError if the file was deleted meanwhile."""
        wanted = min(len(buffer), self._size - self._place)
        if wanted <= 0:
            return 0
        read = self._from.read(self._name, self._place, wanted)
        if not read:
            raise EOFError(f"{self._name} was deleted while it was read")
        buffer[: len(read)] = read
        self._place += len(read)
        return len(read)


def bring(path: Path, part: Path) -> bool:
    """Let the file be in the data directory of this machine. False if it is nowhere. `part`: its
    name until it is whole."""
    if path.exists():
        return True
    part.unlink(missing_ok=True)
    try:
        _copy(path, part)
    except (FileNotFoundError, EOFError):
        part.unlink(missing_ok=True)
        return False
    part.replace(path)
    return True


def _copy(path: Path, to: Path) -> None:
    with open_file(path) as source, stored_files.create(to) as out:
        shutil.copyfileobj(source, out, PIECE)


@contextmanager
def at_hand(path: Path) -> Iterator[Path]:
    """The file, or a copy of it for the block. Raises FileNotFoundError."""
    if path.exists():
        yield path
        return
    copy = path.with_name(f"{secrets.token_hex(16)}{path.suffix}")
    try:
        _copy(path, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def delete(path: Path) -> None:
    """Delete the file here and in the shared places."""
    path.unlink(missing_ok=True)
    for place in _places():
        if place.size(_name(path)) is not None:
            place.delete(_name(path))


def stored(directory: str) -> dict[Path, datetime]:
    """The files of the directory that are in shared places, as paths here, and when each was
    stored."""
    return {path: at for place in _places() for path, at in _stored_in(place, directory)}


def stored_in_the_database(directory: str) -> list[Path]:
    return [path for path, _ in _stored_in(_DATABASE, directory)]


def kept_beside_the_database(directory: str) -> list[Path]:
    """Those that are neither here nor in the database, as paths here."""
    elsewhere = [place for place in _places() if place is not _DATABASE]
    return [path for place in elsewhere for path, _ in _stored_in(place, directory)]


def _stored_in(place: Place, directory: str) -> Iterator[tuple[Path, datetime]]:
    here = stored_files.directory(directory)
    for name, stored_at in place.stored(directory):
        yield here / name.partition("/")[2], stored_at


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
