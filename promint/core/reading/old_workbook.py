"""Excel 97-2003 workbooks (.xls), by xlrd, with the number formats that their cells show. Pure."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import xlrd

from promint.core.reading.cells import Unclear, number
from promint.core.reading.sources import Cells, Sheet, Unreadable

DAMAGED = "The workbook is damaged: it cannot be read."


class OldWorkbook:
    def __init__(self, path: Path) -> None:
        try:
            self._book = xlrd.open_workbook(
                path, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO()
            )
        except xlrd.XLRDError as error:
            if "encrypted" in str(error):
                raise Unreadable("The workbook is protected by a password.") from None
            raise Unreadable(DAMAGED) from error
        except MemoryError:
            raise
        except Exception as error:  # a damaged file can make its reader fail anywhere
            raise Unreadable(DAMAGED) from error
        self._hidden = list(self._book._sheet_visibility)

    @property
    def sheets(self) -> list[Sheet]:
        names = self._book.sheet_names()
        return [Sheet(name, self._hidden[place] == 0) for place, name in enumerate(names)]

    def rows(self, place: int = 0, most: int | None = None) -> Iterator[tuple[int, Cells]]:
        records = self._book.get_record_parts
        if most is not None:
            self._book.get_record_parts = _first_rows(records, most)
        try:
            sheet = self._book.sheet_by_index(place)
        except MemoryError:
            raise
        except Exception as error:
            raise Unreadable(DAMAGED) from error
        finally:
            self._book.get_record_parts = records
        try:
            for row in range(sheet.nrows):
                shown = ((column, self._shown(cell)) for column, cell in enumerate(sheet.row(row)))
                if cells := {column: text for column, text in shown if text}:
                    yield row + 1, cells
        finally:  # if the caller stops early, no sheet stays in memory
            self._book.unload_sheet(place)

    def _shown(self, cell: xlrd.sheet.Cell) -> str:
        if cell.ctype == xlrd.XL_CELL_TEXT:
            # A formula that was never calculated has a text without characters.
            return str(cell.value).strip() if cell.value else Unclear("a formula", "no_value")
        if cell.ctype == xlrd.XL_CELL_NUMBER:
            return number(repr(cell.value), self._format(cell))
        if cell.ctype == xlrd.XL_CELL_DATE:
            return number(repr(cell.value), self._format(cell), self._book.datemode == 1)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if cell.value else "FALSE"
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#ERROR!"))
        return ""

    def _format(self, cell: xlrd.sheet.Cell) -> str:
        style = self._book.xf_list[cell.xf_index]
        return str(self._book.format_map[style.format_key].format_str)


Records = Callable[[], tuple[int, int, bytes]]


def _first_rows(records: Records, most: int) -> Records:
    """The records of a sheet up to the end of so many rows. Without this, xlrd reads the whole
    sheet."""
    seen: set[bytes] = set()

    def next_one() -> tuple[int, int, bytes]:
        kind, length, data = records()
        if kind in _OF_CELLS:
            seen.add(data[:2])  # the row's number
            if len(seen) > most:
                return _END, 0, b""
        return kind, length, data

    return next_one


# The records that are cells with content. Source: [MS-XLS], 2.3.1
_OF_CELLS = frozenset({0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
_END = 0x000A
