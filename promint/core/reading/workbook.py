"""Excel workbooks (.xlsx), read part by part as they stream out of the archive. Pure.

A cell becomes what a person sees: values by their number format, formulas by their stored result.
Source: ECMA-376, part 1 (SpreadsheetML), transitional and strict.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from promint.core.reading.cells import Unclear, number
from promint.core.reading.sources import Cells, Sheet, Unreadable

PIECE = 256 * 1024  # bytes
MOST_COLUMNS = 16_384  # in a sheet
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_RELATION_ID = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
DAMAGED = "The workbook is damaged: it cannot be read."
_BUILT_IN = {0: "General", 1: "0", 49: "@"}  # the number formats that show plain digits
_OTHER_FORMAT = "0.00"


class Workbook:
    def __init__(self, path: Path) -> None:
        try:
            self._book = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise Unreadable(DAMAGED) from error
        self._names = {name.lstrip("/").lower(): name for name in self._book.namelist()}
        self._sheets = self._read_sheets()

    @property
    def sheets(self) -> list[Sheet]:
        return [Sheet(name, visible) for name, visible, _ in self._sheets]

    def rows(self, place: int = 0) -> Iterator[tuple[int, Cells]]:
        part = self._sheets[place][2]
        if part not in self._names:
            return
        with self._open(part) as content:
            for row, cells in _SheetReader(self._formats).rows(content):
                if resolved := self._resolved(cells):
                    yield row, resolved

    def _resolved(self, cells: "dict[int, str | int]") -> Cells:
        texts = self._texts
        found = {
            column: texts[cell] if isinstance(cell, int) else cell for column, cell in cells.items()
        }
        return {column: text for column, text in found.items() if text}

    def _open(self, part: str) -> BinaryIO:
        try:
            return self._book.open(self._names[part])  # type: ignore[return-value]
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise Unreadable(DAMAGED) from error

    def _read_sheets(self) -> list[tuple[str, bool, str]]:
        """Name, whether it can be seen, and the part that it stands in: of each table of cells."""
        targets = self._targets()
        found = []

        def start(name: str, given: dict[str, str]) -> None:
            if _local(name) == "sheet":
                relation = next((given[key] for key in _RELATION_ID if key in given), "")
                part, kind = targets.get(relation, ("", ""))
                if kind.endswith("/worksheet"):
                    visible = given.get("state", "visible") == "visible"
                    found.append((given.get("name", ""), visible, part))

        self._parse("xl/workbook.xml", start)
        return found

    def _targets(self) -> dict[str, tuple[str, str]]:
        targets: dict[str, tuple[str, str]] = {}

        def start(name: str, given: dict[str, str]) -> None:
            if _local(name) == "Relationship":
                target = given.get("Target", "")
                part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower()
                targets[given.get("Id", "")] = part, given.get("Type", "")

        self._parse("xl/_rels/workbook.xml.rels", start)
        return targets

    @cached_property
    def _formats(self) -> list[str]:
        """The number format of each cell style."""
        own: dict[int, str] = {}
        styles: list[int] = []
        inside = [""]

        def start(name: str, given: dict[str, str]) -> None:
            tag = _local(name)
            if tag == "numFmt":
                own[_whole(given.get("numFmtId"))] = given.get("formatCode", "")
            elif tag in ("cellXfs", "cellStyleXfs"):
                inside[0] = tag
            elif tag == "xf" and inside[0] == "cellXfs":
                styles.append(_whole(given.get("numFmtId")))

        self._parse("xl/styles.xml", start)
        return [own.get(key) or _BUILT_IN.get(key, _OTHER_FORMAT) for key in styles]

    @cached_property
    def _texts(self) -> "_SharedTexts":
        part = "xl/sharedstrings.xml"
        return _SharedTexts(self._open(part) if part in self._names else None)

    def _parse(self, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
        if part.lower() in self._names:
            with self._open(part.lower()) as content:
                for _ in _fed(_parser(start), content):
                    pass


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _parser(start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    """One that takes no declarations of entities, which could unpack without end."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise Unreadable(
        "The workbook contains XML declarations that could harm the reader."
        " Save it again in a spreadsheet program."
    )


def _fed(parser: expat.XMLParserType, content: BinaryIO) -> Iterator[None]:
    """After each piece that the parser has been given."""
    try:
        while piece := content.read(PIECE):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise Unreadable(DAMAGED) from error


class _SharedTexts:
    """Read as far as they are asked for: the first rows of a large workbook need only the first."""

    def __init__(self, content: BinaryIO | None) -> None:
        self._texts: list[str] = []
        self._pieces: list[str] = []
        self._keep = self._in_phonetics = False
        if content is None:
            self._more: Iterator[None] = iter(())
            return
        parser = _parser(self._start)
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._more = _fed(parser, content)

    def __getitem__(self, place: int) -> str:
        while place >= len(self._texts):
            try:
                next(self._more)
            except StopIteration:
                raise Unreadable(DAMAGED) from None
        return self._texts[place]

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "si":
            self._pieces = []
        elif tag == "t":
            self._keep = not self._in_phonetics
        elif tag == "rPh":  # how the text is pronounced, which no one sees
            self._in_phonetics = True

    def _text(self, text: str) -> None:
        if self._keep:
            self._pieces.append(text)

    def _end(self, name: str) -> None:
        tag = _local(name)
        if tag == "t":
            self._keep = False
        elif tag == "rPh":
            self._in_phonetics = False
        elif tag == "si":
            self._texts.append(_trimmed("".join(self._pieces)))


def _trimmed(text: str) -> str:
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.strip()


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how XML of workbooks holds control characters


class _SheetReader:
    """Cells of one sheet; a shared text is left as its number in the list of them."""

    def __init__(self, formats: list[str]) -> None:
        self._formats = formats
        self._done: list[tuple[int, dict[int, str | int]]] = []
        self._row, self._cells = 0, {}  # type: ignore[var-annotated]
        self._column = -1
        self._type = self._style = ""
        self._value: list[str] = []
        self._keep = self._formula = False
        self._in_phonetics = False
        self._tags = {
            f"{space} {tag}": handler
            for space in _MAIN
            for tag, handler in (
                ("c", self._start_cell),
                ("v", self._start_value),
                ("t", self._start_value),
                ("f", self._start_formula),
                ("row", self._start_row),
                ("rPh", self._start_phonetics),
            )
        }
        self._ends = {
            f"{space} {tag}": handler
            for space in _MAIN
            for tag, handler in (
                ("c", self._end_cell),
                ("v", self._end_value),
                ("t", self._end_value),
                ("row", self._end_row),
                ("rPh", self._end_phonetics),
            )
        }

    def rows(self, content: BinaryIO) -> Iterator[tuple[int, dict[int, str | int]]]:
        parser = _parser(self._start)
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        for _ in _fed(parser, content):
            done, self._done = self._done, []
            yield from done

    def _start(self, name: str, given: dict[str, str]) -> None:
        handler = self._tags.get(name)
        if handler is not None:
            handler(given)

    def _end(self, name: str) -> None:
        handler = self._ends.get(name)
        if handler is not None:
            handler()

    def _text(self, text: str) -> None:
        if self._keep:
            self._value.append(text)

    def _start_row(self, given: dict[str, str]) -> None:
        self._row = _whole(given.get("r")) or self._row + 1
        self._cells = {}
        self._column = -1

    def _end_row(self) -> None:
        if self._cells:
            self._done.append((self._row, self._cells))
            self._cells = {}

    def _start_cell(self, given: dict[str, str]) -> None:
        place = given.get("r")
        self._column = _column(place) if place else self._column + 1
        self._type = given.get("t", "n")
        self._style = given.get("s", "")
        self._value = []
        self._formula = False

    def _start_value(self, given: dict[str, str]) -> None:
        self._keep = not self._in_phonetics

    def _end_value(self) -> None:
        self._keep = False

    def _start_formula(self, given: dict[str, str]) -> None:
        self._formula = True

    def _start_phonetics(self, given: dict[str, str]) -> None:
        self._in_phonetics = True

    def _end_phonetics(self) -> None:
        self._in_phonetics = False

    def _end_cell(self) -> None:
        cell = self._shown("".join(self._value))
        if cell != "":
            self._cells[self._column] = cell

    def _shown(self, text: str) -> str | int:
        if text == "":
            no_result = self._formula and self._type != "str"
            return Unclear("a formula", "no_value") if no_result else ""
        if self._type == "s":
            return _whole(text.strip())
        if self._type == "n":
            return number(text.strip(), self._format())
        if self._type == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"
        if self._type == "d":
            return Unclear(text.strip(), "formatted_number")
        return _trimmed(text)

    def _format(self) -> str:
        style = _whole(self._style)
        return self._formats[style] if style < len(self._formats) else "General"


def _column(place: str) -> int:
    """From the letters of a cell's place: A1 is 0. Raises Unreadable beyond what sheets have."""
    column = 0
    for letter in place[:4].upper():
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    if not 1 <= column <= MOST_COLUMNS:
        raise Unreadable(DAMAGED)
    return column - 1
