"""Excel workbooks (.xlsx), read from the archive piece by piece. Pure.

A cell becomes what a person sees: numbers by their number format, formulas by their stored result.
Source: ECMA-376, part 1 (SpreadsheetML), transitional and strict.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from promint.core.reading.sheet_cells import DAMAGED, SheetCells, as_text
from promint.core.reading.sources import Cells, Sheet, Unreadable

PIECE = 256 * 1024  # bytes
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_RELATION_ID = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
# Number formats that workbooks give by number only: those of plain digits, and those of dates.
_DAYS = [*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)]
_BUILT_IN = {0: "General", 1: "0", 49: "@"} | dict.fromkeys(_DAYS, "yyyy-mm-dd")
_OTHER_FORMAT = "0.00"


class Workbook:
    def __init__(self, path: Path) -> None:
        try:
            self._book = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise Unreadable(DAMAGED) from error
        self._names = {name.lstrip("/").lower(): name for name in self._book.namelist()}
        self._from_1904 = False  # the year in which days are counted from
        self._sheets = self._read_sheets()

    @property
    def sheets(self) -> list[Sheet]:
        return [Sheet(name, visible) for name, visible, _ in self._sheets]

    def rows(self, place: int = 0, most: int | None = None) -> Iterator[tuple[int, Cells]]:
        part = self._sheets[place][2]
        if part not in self._names:
            return
        cells = SheetCells(self._formats, self._texts.__getitem__, self._from_1904)
        parser = _parser(cells.start, namespaces=False)
        parser.EndElementHandler = cells.end
        parser.CharacterDataHandler = cells.text
        with self._open(part) as content:
            for _ in _fed(parser, content):
                yield from cells.taken()

    def _open(self, part: str) -> BinaryIO:
        try:
            return self._book.open(self._names[part])  # type: ignore[return-value]
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise Unreadable(DAMAGED) from error

    def _read_sheets(self) -> list[tuple[str, bool, str]]:
        """The name of each sheet with cells, whether it is visible, and the part that holds it."""
        targets = self._targets()
        found = []

        def start(name: str, given: dict[str, str]) -> None:
            if _local(name) == "workbookPr":
                self._from_1904 = given.get("date1904") in ("1", "true")
            elif _local(name) == "sheet":
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


def _parser(
    start: Callable[[str, dict[str, str]], None], namespaces: bool = True
) -> expat.XMLParserType:
    """A parser that refuses declarations of entities, which could unpack without end."""
    parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
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
    """Feeds the parser piece by piece, and yields after each piece."""
    try:
        while piece := content.read(PIECE):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise Unreadable(DAMAGED) from error


class _SharedTexts:
    """The texts that cells share, read only as far as they are asked for: the first rows of a
    large workbook need only the first texts."""

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
        elif tag == "rPh":  # the pronunciation of the text, which is not visible
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
            self._texts.append(as_text("".join(self._pieces)))
