"""How each kind of file is read: as sheets, of rows, of cells with content. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

Cells = dict[int, str]  # by column, from 0; empty cells are left out


class Unreadable(Exception):
    """Why a file cannot be read: a sentence for the sender."""


@dataclass(frozen=True)
class Sheet:
    name: str  # empty for a text file
    visible: bool


class Source(Protocol):
    @property
    def sheets(self) -> list[Sheet]: ...

    def rows(self, place: int = 0, most: int | None = None) -> Iterator[tuple[int, Cells]]:
        """Each row with content of one sheet, with its number. `most`: how many rows are wanted;
        there may be more. Raises Unreadable."""
        ...
