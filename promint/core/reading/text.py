"""Text files: their encoding, the separator of their cells, and their rows. Pure."""

import codecs
import csv
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

from promint.core.reading.sources import Cells, Sheet

DIVIDERS = "\t;|,"  # if two fit equally well, the first is rarer in ordinary text
LOOKED_AT = 2_000  # lines, to find the separator
RECORD_LINES = 100  # lines; a longer quoted field is taken for a stray quote
RECORD_CHARACTERS = 100_000
FIRST_FIELD_LINES = 20  # the same for a line's first field; a stray quote costs rows
HEADER_LINES = 20  # in which a header may stand
CHARACTERS_LOOKED_AT = 1_000_000
PIECE = 1024 * 1024  # bytes
ZEROS = 64 * 1024  # bytes; the zeros among them reveal UTF-16


class TextFile:
    """A text file, which is one sheet without a name."""

    def __init__(self, path: Path, is_header: Callable[[str], bool]) -> None:
        self._path = path
        self.encoding = encoding_of(path)
        with self._open() as lines:
            self.divider, self._told = _divider(lines, is_header)

    @property
    def sheets(self) -> list[Sheet]:
        return [Sheet("", visible=True)]

    def rows(self, place: int = 0, most: int | None = None) -> Iterator[tuple[int, Cells]]:
        """Each row with content: the number of its line, from 1, and its cells by column."""
        with self._open() as lines:
            for number, record in _records(lines, self.divider):
                if number == 1 and self._told:
                    continue
                if cells := _cells(record, self.divider):
                    yield number, cells

    def _open(self) -> TextIO:
        codec = _CODECS[self.encoding]
        file = open(self._path, encoding=codec, errors="replace", newline="")  # noqa: SIM115
        if file.read(1) != "\ufeff":  # the byte order mark
            file.seek(0)
        return file


_CODECS = {
    "UTF-8": "utf-8",
    "UTF-16 LE": "utf-16-le",
    "UTF-16 BE": "utf-16-be",
    "Windows-1252": "windows-1252",
}


def encoding_of(path: Path) -> str:
    """The encoding that the byte order mark names; otherwise UTF-8 if the file is valid;
    otherwise UTF-16 if its zeros reveal it; otherwise the encoding of old Windows programs."""
    with open(path, "rb") as file:
        start = file.read(ZEROS)
        if wide := _wide(start):
            return wide
        file.seek(0)
        marked = start.startswith(codecs.BOM_UTF8)
        return "UTF-8" if marked or _is_utf_8(file) else "Windows-1252"


def is_wide(start: bytes) -> bool:
    """Whether a text begins as UTF-16 does."""
    return _wide(start) is not None


def _wide(start: bytes) -> str | None:
    """UTF-16 if there is its byte order mark, or if in most pairs of bytes the same one is zero."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16 LE" if start.startswith(codecs.BOM_UTF16_LE) else "UTF-16 BE"
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 < len(start) or min(even, odd) * 8 > max(even, odd):
        return None
    return "UTF-16 LE" if odd > even else "UTF-16 BE"


def _is_utf_8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _divider(lines: Iterable[str], is_header: Callable[[str], bool]) -> tuple[str, bool]:
    """The separator of the cells (empty: there is none), and whether the first line declares it."""
    first = list(_first_lines(lines))
    if first and (told := _SEP.fullmatch(first[0])):
        return told[1], True
    found = {mark: _fit(first, mark, is_header) for mark in DIVIDERS}
    best = max(DIVIDERS, key=found.__getitem__)  # the first one if several are equal
    return (best if any(found[best]) else ""), False


def _first_lines(lines: Iterable[str]) -> Iterator[str]:
    characters = 0
    for line in islice(lines, LOOKED_AT):
        if line.strip():
            yield line
        characters += len(line)
        if characters > CHARACTERS_LOOKED_AT:
            return


def _fit(lines: list[str], mark: str, is_header: Callable[[str], bool]) -> tuple[bool, int]:
    """How well a separator fits: whether it makes a known header one of several cells in a line,
    however many titles are above it; and how many lines have the most frequent number of
    columns, if that is more than one."""
    records = [record for _, record in _records(lines, mark)]
    widths = Counter(_width(record, mark) for record in records)
    width, count = max(widths.items(), key=lambda item: item[1], default=(1, 0))
    headed = [r for r in records[:HEADER_LINES] if _width(r, mark) > 1]
    heads = any(is_header(cell) for r in headed for cell in _cells(r, mark).values())
    return heads, count if width > 1 and count * 2 > len(records) else 0


_SEP = re.compile(r"sep=([,;|\t])\s*", re.IGNORECASE)  # how Excel names the separator


def _width(line: str, divider: str) -> int:
    return len(_fields(line, divider)) if '"' in line else line.count(divider) + 1


def _records(lines: Iterable[str], divider: str) -> Iterator[tuple[int, str]]:
    """Each record with the number of its first line. A quoted field may have several lines, but
    a quote that is never closed does not go beyond its line."""
    divider = divider or "\0"
    numbered = enumerate(lines, 1)
    ahead: deque[tuple[int, str]] = deque()
    while line := ahead.popleft() if ahead else next(numbered, None):
        number, record = line
        if '"' in record and (field := _open_field(record, divider)) >= 0:
            most = RECORD_LINES if field else FIRST_FIELD_LINES
            ahead.extend(islice(numbered, max(0, most - len(ahead))))
            record = _closed(record, divider, ahead, most)
        yield number, record


def _closed(record: str, divider: str, ahead: deque[tuple[int, str]], most: int) -> str:
    """The complete record. The lines in which it continues are taken from `ahead`."""
    whole = record
    for taken, (_, line) in enumerate(islice(ahead, most), 1):
        whole += line
        if len(whole) > RECORD_CHARACTERS:
            break
        if '"' in line and _open_field(whole, divider) < 0:
            for _ in range(taken):
                ahead.popleft()
            return whole
    return record


def _open_field(record: str, divider: str) -> int:
    """The number, from 0, of the field whose quote is not closed; -1 if there is none."""
    place, field = 0, 0
    while True:
        if record.startswith('"', place):
            quoted = _QUOTED.match(record, place)
            if quoted is None or not _ends_field(divider).match(record, quoted.end()):
                return field
            place = quoted.end()
        place = record.find(divider, place) + 1
        field += 1
        if place == 0:
            return -1


_QUOTED = re.compile(r'"(?:[^"]++|"")*+"')


@cache
def _ends_field(divider: str) -> re.Pattern[str]:
    """What follows a closing quote. Another opening quote means that a field of a later line was
    cut off."""
    return re.compile(rf" *+(?:{re.escape(divider)}|[\r\n]|\Z)")


_NO_CONTENT = ' \t\v\f\r\n\x1c\x1d\x1e\x1f\x85\u00a0\u2028\u2029\ufeff,;|"'
_BLANK = " \t\v\f\r\n\x1c\x1d\x1e\x1f\x85\u00a0\u2028\u2029\ufeff"


def _cells(record: str, divider: str) -> Cells:
    if not record.strip(_NO_CONTENT) and '"""' not in record:  # three quotes: a quote in quotes
        return {}
    if '"' in record:
        fields = _fields(record, divider)
    else:
        fields = record.split(divider) if divider else [record]
    trimmed = ((column, field.strip(_BLANK)) for column, field in enumerate(fields))
    return {column: field for column, field in trimmed if field}


def _fields(record: str, divider: str) -> list[str]:
    """The fields without the quotes around them. Inside of quotes, two quotes stand for one."""
    with suppress(csv.Error):  # fast, if the quotes are correct
        fields = next(csv.reader((record,), delimiter=divider or "\0", strict=True))
        if not any(field.lstrip(_BLANK).startswith('"') for field in fields):
            return fields
    return _untidy_fields(record, divider)


def _untidy_fields(record: str, divider: str) -> list[str]:
    """The fields of a record with blanks around quotes, unclosed quotes, or text after closing
    quotes."""
    fields, place = [], 0
    while True:
        start = _skip_blanks(record, place, divider)
        quoted = _QUOTED.match(record, start)
        text = "" if quoted is None else quoted[0][1:-1].replace('""', '"')
        place = start if quoted is None else quoted.end()
        end = record.find(divider, place) if divider else -1
        fields.append(text + record[place : end if end >= 0 else len(record)])
        if end < 0:
            return fields
        place = end + 1


def _skip_blanks(record: str, place: int, divider: str) -> int:
    while place < len(record) and record[place] in _BLANK and record[place] != divider:
        place += 1
    return place
