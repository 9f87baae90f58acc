"""Writes a table of texts as an .xlsx workbook, row by row, without keeping it in memory. Pure.

docs/decisions/0021-xlsx-written-here.md says why no library writes it.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import BinaryIO

Cells = Sequence[str]


class XlsxTable:
    """Each sheet is one compressed part of the file, and each cell holds its own text."""

    ROWS = 1_048_576  # on a sheet, with the header

    def __init__(self, file: BinaryIO, header: Cells, title: str = "Codes") -> None:
        self._title = title
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._header = header
        self._sheets = 0
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        name = f"xl/worksheets/sheet{self._sheets}.xml"
        self._sheet = self._zip.open(name, "w", force_zip64=True)
        self._sheet.write(_SHEET_START.encode())
        self._rows = 0
        self._append([self._header])

    def _end_sheet(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    def write(self, rows: Sequence[Cells]) -> None:
        for part in _per_sheet(rows, self.ROWS - self._rows, self.ROWS - 1):
            if self._rows == self.ROWS and part:
                self._end_sheet()
                self._begin_sheet()
            self._append(part)

    def _append(self, rows: Sequence[Cells]) -> None:
        numbered = enumerate(rows, self._rows + 1)
        self._sheet.write("".join([_row_xml(number, row) for number, row in numbered]).encode())
        self._rows += len(rows)

    def close(self) -> None:
        self._end_sheet()
        for name, text in _workbook_parts(self._title, range(1, self._sheets + 1)).items():
            self._zip.writestr(name, _XML + text)
        self._zip.close()


def _row_xml(number: int, row: Cells) -> str:
    cells = [
        f'<c r="{column}{number}" t="inlineStr"><is><t{_keep(text)}>{_xml(text)}</t></is></c>'
        for column, text in zip(ascii_uppercase, row, strict=False)
        if text
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _keep(text: str) -> str:
    """The attribute that keeps spaces at the ends of a text, which readers drop without it."""
    return "" if text[0] > " " and text[-1] > " " else ' xml:space="preserve"'


def _xml(text: str) -> str:
    return _SPECIAL.sub(_written, text)


# A character that XML cannot hold is written as _xHHHH_. So is a text that looks like that.
_SPECIAL = re.compile("[&<>\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _written(found: re.Match[str]) -> str:
    return _ENTITIES.get(found[0]) or f"_x{ord(found[0]):04X}_"


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_START = (
    f'{_XML}<worksheet xmlns="{_SPREADSHEET}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
    '<cols><col min="1" max="5" width="26" customWidth="1"/></cols><sheetData>'
)


def _workbook_parts(title: str, sheets: Sequence[int]) -> dict[str, str]:
    """The parts of the file that list the sheets."""
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n in sheets
    )
    named = "".join(
        f'<sheet name="{sheet_name(title, n)}" sheetId="{n}" r:id="rId{n}"/>' for n in sheets
    )
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet"'
        f' Target="worksheets/sheet{n}.xml"/>'
        for n in sheets
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f"{overrides}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_RELATIONS}">'
        f"<bookViews><workbookView/></bookViews><sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{targets}'
        "</Relationships>",
    }


def sheet_name(title: str, number: int) -> str:
    return title if number == 1 else f"{title} {number}"


def _per_sheet(rows: Sequence[Cells], room: int, most: int) -> Iterator[Sequence[Cells]]:
    """The rows, divided where a sheet ends. `room`: rows that fit on the current sheet. `most`:
    rows that fit on each further one."""
    yield rows[:room]
    for start in range(room, len(rows), most):
        yield rows[start : start + most]
