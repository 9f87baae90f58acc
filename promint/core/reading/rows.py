"""Reading an uploaded file: the first column of each row, header and blank rows left out. Pure.

Runs in a process with limits, since the file comes from anywhere: promint.worker.upload_process.
"""

import codecs
import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import python_calamine

from promint.core.rules import canonical, checks, limits, one_line

TEXT = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xls", ".xlsx")
DELIMITERS = ",;\t"
RECORD_LINES = 100  # a quoted field that goes on for longer was never meant to be one
SHEET_NAME_CHARACTERS = 31  # no spreadsheet program makes longer ones
EXACT_NUMBERS = 2**53  # beyond it a spreadsheet has lost digits


class Unreadable(Exception):
    """Why a file cannot be read: a sentence for whoever sent it."""


class Row(NamedTuple):
    sheet: int  # 0: the first, or the only one
    number: int  # the line in the file or sheet; the first is 1
    typed: str  # trimmed
    value: str  # canonical; empty: not a possible code


def rows(path: Path) -> Iterator[Row]:
    """Raises Unreadable."""
    read = _text_rows if path.suffix in TEXT else _workbook_rows
    for count, row in enumerate(read(path)):
        if count == limits.UPLOAD_ROWS:
            raise Unreadable(f"The file has more than {limits.UPLOAD_ROWS:,} rows. Split it.")
        yield row


def sheet_names(path: Path) -> list[str]:
    """Of a workbook with several sheets, else none."""
    if path.suffix in TEXT:
        return []
    with _opened(path) as book:
        names = [str(name)[:SHEET_NAME_CHARACTERS] for name in book.sheet_names]
    if len(names) > limits.UPLOAD_SHEETS:
        raise Unreadable(f"The workbook has more than {limits.UPLOAD_SHEETS:,} sheets. Split it.")
    return names if len(names) > 1 else []


def possible_value(typed: str) -> str:
    """The canonical form of a trimmed text; empty when it cannot be a code."""
    if _SIMPLE.fullmatch(typed):  # what canonical() would do, for most of a million rows
        value = typed.translate(_SEPARATORS).upper()
        least, most = limits.CODE_CHARACTERS
        return value if least <= len(value) <= most else ""
    return "" if checks.named_code(typed) else canonical(typed) or ""


_SIMPLE = re.compile(f"[A-Za-z0-9 ._-]{{1,{limits.TYPED_CODE_CHARACTERS}}}")
_SEPARATORS = str.maketrans("", "", " ._-")


def _without_header(found: Iterable[Row]) -> Iterator[Row]:
    for place, row in enumerate(found):
        if place or row.value != "CODE":
            yield row


def _text_rows(path: Path) -> Iterator[Row]:
    encoding = "utf-16" if _starts(path).startswith(_UTF_16) else "utf-8-sig"
    with open(path, encoding=encoding, errors="windows_1252") as file:
        delimiter = _delimiter(path.suffix, file)
        file.seek(0)
        yield from _without_header(_lines(file, delimiter))


_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _starts(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(2)


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """What is not UTF-8 comes from an old Windows program."""
    assert isinstance(error, UnicodeDecodeError)
    wrong = error.object[error.start : error.end]
    return wrong.decode("windows-1252", "replace"), error.end


codecs.register_error("windows_1252", _as_windows_1252)


def _delimiter(suffix: str, lines: Iterable[str]) -> str:
    """What the first line that says anything is divided by."""
    if suffix == ".tsv":
        return "\t"
    first = next((line for line in lines if line.strip()), "")
    if told := _SEP.fullmatch(first):
        return told[1]
    return next((mark for mark in DELIMITERS if mark in first.strip()), ",")


_SEP = re.compile(rf"sep=([{DELIMITERS}])\s*", re.IGNORECASE)  # Excel's own first line


def _lines(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    blank = delimiter + '" \t\r\n'
    for number, record in _records(lines, delimiter):
        typed = _first_field(record, delimiter)
        if number == 1 and _SEP.fullmatch(record):
            continue
        if typed or record.strip(blank):
            yield Row(0, number, typed, possible_value(typed))


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, str]]:
    """Each record with the number of its first line. A quoted field may go over several lines, but
    a quote that is never closed, or opens the code itself, stays in its line."""
    numbered = enumerate(lines, 1)
    ahead: deque[tuple[int, str]] = deque()
    while line := ahead.popleft() if ahead else next(numbered, None):
        number, record = line
        if '"' in record and _open_field(record, delimiter) > 0:
            ahead.extend(islice(numbered, RECORD_LINES - len(ahead)))
            record = _closed(record, delimiter, ahead)
        yield number, record


def _closed(record: str, delimiter: str, ahead: deque[tuple[int, str]]) -> str:
    """The record with the lines that it goes on in, which are taken from `ahead`."""
    whole = record
    for taken, (_, line) in enumerate(ahead, 1):
        whole += line
        if '"' in line and _open_field(whole, delimiter) < 0:
            for _ in range(taken):
                ahead.popleft()
            return whole
    return record


def _open_field(record: str, delimiter: str) -> int:
    """Which field, from 0, a quote opens and none closes; -1: none."""
    place, field = 0, 0
    while True:
        if record.startswith('"', place):
            quoted = _QUOTED.match(record, place)
            if quoted is None or not _ends_field(delimiter).match(record, quoted.end()):
                return field
            place = quoted.end()
        place = record.find(delimiter, place) + 1
        field += 1
        if place == 0:
            return -1


_QUOTED = re.compile(r'"(?:[^"]++|"")*+"')


@cache
def _ends_field(delimiter: str) -> re.Pattern[str]:
    """What follows a closing quote: another opens a field that was cut off, of a later line."""
    return re.compile(rf" *(?:{delimiter}|[\r\n]|\Z)")


_BLANK = " \t\v\f\r\n\u00a0\ufeff"  # before a field; a tab may be what divides them


def _first_field(record: str, delimiter: str) -> str:
    record = record.lstrip(_BLANK.replace(delimiter, ""))
    quoted = _QUOTED.match(record)
    if quoted is None:
        return one_line(record.partition(delimiter)[0])
    rest = record[quoted.end() :].partition(delimiter)[0]
    return one_line(quoted[0][1:-1].replace('""', '"') + rest)


def _opened(path: Path) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.load_workbook(path)
    except python_calamine.PasswordError:
        raise Unreadable("The workbook is protected by a password.") from None
    except (python_calamine.CalamineError, OSError) as error:
        raise Unreadable("The workbook is damaged: it cannot be opened.") from error


def _workbook_rows(path: Path) -> Iterator[Row]:
    with _opened(path) as book:
        for place, sheet in enumerate(book.sheets_metadata):
            if sheet.typ is python_calamine.SheetTypeEnum.WorkSheet:
                yield from _without_header(_sheet_rows(book, place))


def _sheet_rows(book: python_calamine.CalamineWorkbook, place: int) -> Iterator[Row]:
    """The first column is the first one in which anything stands."""
    try:
        cells = book.get_sheet_by_index(place).iter_rows()
    except python_calamine.CalamineError as error:
        raise Unreadable("A sheet of the workbook is damaged: it cannot be read.") from error
    for number, row in enumerate(cells, 1):
        typed, value = _cell(row[0] if row else "")
        if typed or any(str(cell).strip() for cell in row):
            yield Row(place, number, typed, value)


def _cell(cell: object) -> tuple[str, str]:
    """How it reads, and its canonical form. Of numbers only whole ones have one; dates never."""
    if isinstance(cell, str):
        typed = one_line(cell)
        return typed, possible_value(typed)
    if isinstance(cell, bool):
        return str(cell).upper(), str(cell).upper()
    if isinstance(cell, int | float) and cell == cell // 1 and abs(cell) <= EXACT_NUMBERS:
        digits = str(int(cell))
        return digits, possible_value(digits) if cell >= 0 else ""
    return str(cell), ""
