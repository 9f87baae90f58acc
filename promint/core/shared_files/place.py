"""What a shared place of files can do."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

PIECE = 512 * 1024  # bytes


class Place(Protocol):
    """Files have names like exports/exp_….csv."""

    piece: int
    """How many bytes are read at a time."""

    def put(self, name: str, file: Path) -> None:
        """It is there whole or, if this raises or the process is killed, not at all."""

    def delete(self, name: str) -> None: ...

    def size(self, name: str) -> int | None:
        """In bytes; None if there is no such file."""

    def read(self, name: str, start: int, length: int) -> bytes:
        """What the file has from there, which may be less than `length`. Empty if the file was
        deleted."""

    def stored(self, directory: str) -> Iterator[tuple[str, datetime]]:
        """The names of the files of a directory, and when each was stored."""
