"""Turns a file into lines that are ready for loading. Codes come in runs that are each sorted as
codes are, recipients in the order of the file. Pure.

One line for each row: the canonical code (empty if it is no code), the numbers of sheet and row,
the text as it was typed if that differs, and the reason why it is no code. The same file always
makes the same lines, so the number of lines says how far the loading has come.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from promint.core.reading.cells import Unclear
from promint.core.reading.choosing import Plan, Table
from promint.core.reading.sources import Cells, Source, Unreadable
from promint.core.rules import code_cells, limits, one_line

RUN = 1_000_000  # rows sorted together, in memory
HELD_BACK = limits.UPLOAD_ROWS // 100  # more codes without digits are no exception


class Row(NamedTuple):
    sheet: int  # its place in the workbook, from 0
    number: int  # the line in the file or sheet; the first is 1
    typed: str  # trimmed
    value: str  # canonical; empty: no code
    reason: str  # why it is none


Read = Callable[[str], code_cells.Read]


def rows(
    source: Source, plan: Plan, read: Read = code_cells.read, most: int = limits.UPLOAD_ROWS
) -> Iterator[Row]:
    """Each row with content, except titles and headers. `read` reads a cell. Raises Unreadable."""
    count = 0
    for table in plan.tables:
        repeats = _repeats(table.header)
        for number, cells in source.rows(table.sheet):
            text = cells.get(table.column, "")
            if number <= table.header_row or repeats(text):
                continue
            count += 1
            if count > most:
                raise Unreadable(f"The file has more than {most:,} rows. Split it.")
            _check_that_it_is_one_column(number, cells, table, read)
            yield _row(table.sheet, number, text, read)


def _repeats(header: str) -> Callable[[str], bool]:
    """A function that says whether a cell repeats the header. For most cells a look at the first
    letter is enough."""
    word, first = code_cells.header_word(header), header[:1].casefold()
    return lambda text: (
        text[:1].casefold() == first and word != "" and code_cells.header_word(text) == word
    )


def _row(sheet: int, number: int, text: str, read: Read) -> Row:
    if isinstance(text, Unclear):
        return Row(sheet, number, text, "", text.reason)
    return Row(sheet, number, *read(text))


def _check_that_it_is_one_column(number: int, cells: Cells, table: Table, read: Read) -> None:
    """Raises Unreadable if values stand beside values and no header says which column is meant."""
    if len(cells) == 1 or table.header_row or table.chosen:
        return
    if all(read(text).value for text in cells.values()):
        where = f"Row {number:,} of {table.name!r}" if table.name else f"Line {number:,}"
        what = "codes" if read is code_cells.read else "something"
        raise Unreadable(f"{where} has {what} in several columns. Say which column is meant.")


def sort(found: Iterable[Row], out: BinaryIO, take_unlike: bool = False) -> int:
    """Write the rows of an uploaded file to `out` and return how many there are. Raises
    Unreadable."""
    lengths, held_back = code_cells.Lengths(), []
    run: list[str] = []
    count = 0
    for row in found:
        count += 1
        if row.value and not lengths.count(row.value) and not take_unlike:
            held_back.append(row)
            if len(held_back) <= HELD_BACK:
                continue
            run.extend(map(_line, held_back))
            held_back.clear()
        else:
            run.append(_line(row))
        if len(run) >= RUN:
            _write(run, out)
    run.extend(_line(_settled(row, lengths)) for row in held_back)
    _write(run, out)
    return count


def in_order(found: Iterable[Row], out: BinaryIO) -> int:
    """Write the rows in the order of the file and return how many there are. Of equal values,
    the first one counts. Raises Unreadable."""
    count = 0
    for row in once_each(found):
        out.write(_line(row).encode())
        count += 1
    return count


def once_each(found: Iterable[Row]) -> Iterator[Row]:
    seen: set[bytes] = set()  # digests: a million take 90 MB, however long the values are
    for row in found:
        if row.value:
            digest = hashlib.blake2b(row.value.encode(), digest_size=16).digest()
            if digest in seen:
                row = row._replace(value="", reason="duplicate_in_file")
            seen.add(digest)
        yield row


def _write(run: list[str], out: BinaryIO) -> None:
    run.sort()
    out.writelines(line.encode() for line in run)
    run.clear()


def _settled(row: Row, lengths: code_cells.Lengths) -> Row:
    return row._replace(value="", reason="unlike_others") if lengths.is_unlike(row.value) else row


def settled(found: list[Row], take_unlike: bool) -> list[Row]:
    """The first rows of a file, judged as far as these rows alone allow."""
    lengths = code_cells.Lengths()
    for row in found:
        if row.value:
            lengths.count(row.value)
    if take_unlike:
        return found
    return [_settled(row, lengths) if row.value and row.value.isalpha() else row for row in found]


def read_lines(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        value, place, typed, reason = line.removesuffix("\n").split("\t")
        yield Row(int(place[:_SHEET]), int(place[_SHEET:]), typed or value, value, reason)


_SHEET = 5  # digits; the row's number has nine
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _line(row: Row) -> str:
    typed = "" if row.typed == row.value else row.typed
    if not row.value:
        typed = one_line(typed[: limits.TYPED_CODE_CHARACTERS])
        typed = _UNPRINTABLE.sub("\ufffd", typed)
    return f"{row.value}\t{row.sheet:05}{row.number:09}\t{typed}\t{row.reason}\n"
