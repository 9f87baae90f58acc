"""What every kind of file is read as: sheets, of rows, of cells that have content. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

Cells = dict[int, str]  # by column, the first is 0; blank ones are left out


class Unreadable(Exception):
    """Why a file cannot be read: a sentence for whoever sent it."""


@dataclass(frozen=True)
class Sheet:
    name: str  # empty: of a text file
    visible: bool


class Source(Protocol):
    @property
    def sheets(self) -> list[Sheet]: ...

    def rows(self, place: int = 0, most: int | None = None) -> Iterator[tuple[int, Cells]]:
        """Of a sheet, by its place: each row that has content, with its number. `most`: how many
        are wanted; there may be more. Raises Unreadable."""
        ...
