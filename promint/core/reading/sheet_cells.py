"""The cells of one sheet of an Excel workbook, read from its XML piece by piece. Pure.

A sheet can have millions of cells, so each must cost only a few calls: element names are compared
as they are in the XML, with the namespace prefix of its root element.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from promint.core.reading.cells import Unclear, number
from promint.core.reading.sources import Cells, Unreadable

MOST_COLUMNS = 16_384  # in a sheet
MOST_CHARACTERS = 32_767  # in a cell
DAMAGED = "The workbook is damaged: it cannot be read."


class SheetCells:
    """Handlers for an expat parser without namespaces. `taken` returns the rows that were read
    so far."""

    def __init__(
        self, formats: Sequence[str], shared: Callable[[int], str], from_1904: bool
    ) -> None:
        self._formats, self._shared, self._from_1904 = formats, shared, from_1904
        self._done: list[tuple[int, Cells]] = []
        self._row, self._column = 0, -1
        self._cells: dict[int, str] = {}
        self._type = self._style = self._value = ""
        self._keep = self._formula = self._in_phonetics = False
        self._named("")

    def taken(self) -> list[tuple[int, Cells]]:
        done, self._done = self._done, []
        return done

    def _named(self, prefix: str) -> None:
        self._c, self._values = f"{prefix}c", (f"{prefix}v", f"{prefix}t")
        self._row_tag, self._f, self._phonetics = f"{prefix}row", f"{prefix}f", f"{prefix}rPh"

    def start(self, name: str, given: Mapping[str, str]) -> None:
        if name == self._c:
            self._start_cell(given)
        elif name in self._values:
            self._keep = not self._in_phonetics
        elif name == self._row_tag:
            self._row = _whole(given.get("r", "")) or self._row + 1
            self._cells, self._column = {}, -1
        elif name == self._f:
            self._formula = True
        elif name == self._phonetics:  # the pronunciation of the text, which is not visible
            self._in_phonetics = True
        elif name.endswith(":worksheet"):
            self._named(name.removesuffix("worksheet"))

    def _start_cell(self, given: Mapping[str, str]) -> None:
        place = given.get("r")
        self._column = _column(place) if place else self._column + 1
        self._type, self._style = given.get("t", "n"), given.get("s", "")
        self._value, self._formula = "", False

    def text(self, text: str) -> None:
        if self._keep and len(self._value) < MOST_CHARACTERS:
            self._value += text

    def end(self, name: str) -> None:
        if name in self._values:
            self._keep = False
        elif name == self._c:
            if self._value or self._formula:
                cell = self._shown(self._value)
                if cell:
                    self._cells[self._column] = cell
        elif name == self._row_tag:
            if self._cells:
                self._done.append((self._row, self._cells))
        elif name == self._phonetics:
            self._in_phonetics = False

    def _shown(self, text: str) -> str:
        if text == "":
            return "" if self._type == "str" else Unclear("a formula", "no_value")
        if self._type == "s":
            return self._shared(_whole(text))
        if self._type == "n":
            style = _whole(self._style)
            formats = self._formats
            shown_as = formats[style] if style < len(formats) else "General"
            return number(text.strip(), shown_as, self._from_1904)
        if self._type == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        if self._type == "d":
            return Unclear(text.strip(), "formatted_number")
        return as_text(text)


def as_text(text: str) -> str:
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.strip()


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how XML of workbooks holds control characters


def _whole(text: str) -> int:
    """The number; 0 if the text is not a number."""
    text = text.strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


def _column(place: str) -> int:
    """The column of a cell's address: A1 is 0. Raises Unreadable for columns that no sheet has."""
    letters = place.rstrip("0123456789")
    column = _COLUMNS.get(letters)
    if column is None:
        column = _COLUMNS[letters] = _column_of(letters)
    return column


_COLUMNS: dict[str, int] = {}  # those asked for so far; a sheet has few, and asks often


def _column_of(letters: str) -> int:
    column = 0
    for letter in letters[:4].upper():
        if not "A" <= letter <= "Z":
            raise Unreadable(DAMAGED)
        column = column * 26 + ord(letter) - 64
    if not 1 <= column <= MOST_COLUMNS:
        raise Unreadable(DAMAGED)
    return column - 1
