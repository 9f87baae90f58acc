"""Writes a table of texts as .csv, .xlsx or .xls, row after row. Pure: no database, no clock.

All three hold the same texts, and no cell is ever a formula: .xlsx and .xls mark each cell as text,
and in a .csv, a text that a spreadsheet program would calculate begins with an apostrophe.
"""

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO, Protocol

import xlwt

from promint.core.exports.xlsx import Cells, XlsxTable, sheet_name
from promint.core.rules import BYTE_ORDER_MARK, inert, may_calculate


class Table(Protocol):
    def write(self, rows: Sequence[Cells]) -> None: ...

    def close(self) -> None:
        """Write what is still in memory. The file stays open."""


def open_table(format: str, file: BinaryIO, header: Cells, title: str = "Codes") -> Table:
    """`format`: a key of FORMATS. `file`: empty and open for writing. `header`: the first row of
    each sheet. `title`: the name of the sheets."""
    return FORMATS[format](file, header, title)


class CsvTable:
    def __init__(self, file: BinaryIO, header: Cells, title: str = "") -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self._text.write(BYTE_ORDER_MARK)
        self._writer = csv.writer(self._text, quoting=csv.QUOTE_ALL)
        self.write([header])

    def write(self, rows: Sequence[Cells]) -> None:
        self._writer.writerows(map(inert, rows) if may_calculate(rows) else rows)

    def close(self) -> None:
        self._text.detach()


class XlsTable:
    """xlwt keeps every different text in memory until the end: about 400 bytes a row."""

    ROWS = 65_536  # on a sheet, with the header
    WIDTH = 26 * 256  # of a column: 26 characters, in the format's own unit
    FLUSHED = 1_000  # rows kept as objects at most

    def __init__(self, file: BinaryIO, header: Cells, title: str = "Codes") -> None:
        self._file = file
        self._title = title
        self._header = header
        self._book = xlwt.Workbook(encoding="utf-8")
        self._sheets = 0
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_sheet(sheet_name(self._title, self._sheets))
        for column in range(len(self._header)):
            self._sheet.col(column).width = self.WIDTH
        self._rows = 0
        self._append(self._header)

    def write(self, rows: Sequence[Cells]) -> None:
        for row in rows:
            if self._rows == self.ROWS:
                self._sheet.flush_row_data()
                self._begin_sheet()
            self._append(row)

    def _append(self, row: Cells) -> None:
        cells = self._sheet.row(self._rows)
        for column, text in enumerate(row):
            if text:
                cells.set_cell_text(column, text)
        self._rows += 1
        if self._rows % self.FLUSHED == 0:
            self._sheet.flush_row_data()

    def close(self) -> None:
        self._book.save(self._file)


FORMATS: dict[str, type[CsvTable] | type[XlsxTable] | type[XlsTable]] = {
    "csv": CsvTable,
    "xlsx": XlsxTable,
    "xls": XlsTable,
}
