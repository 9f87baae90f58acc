"""The formats of an export, and how many codes or sheets a file of each has."""

import math
from dataclasses import dataclass

from promint.core.exports import XlsTable, XlsxTable
from promint.core.rules import limits
from promint.dashboard.page import formats


@dataclass(frozen=True)
class Choice:
    format: str
    program: str
    layout: str
    possible: bool = True


def choices(codes: int) -> list[Choice]:
    """The formats that the menu offers for this many codes."""
    xls = codes <= limits.XLS_CODES
    too_many = f"Holds {limits.XLS_CODES:,} codes at most"
    return [
        Choice("xls", "Excel 97–2003", _sheets(codes, XlsTable.ROWS) if xls else too_many, xls),
        Choice("xlsx", "Excel", _sheets(codes, XlsxTable.ROWS)),
        Choice("csv", "Plain text", "One code a line"),
    ]


def _sheets(codes: int, rows: int) -> str:
    """`rows`: rows on a sheet, including its header."""
    sheets = math.ceil(codes / (rows - 1))
    return f"{formats.number(sheets)} sheets of {rows - 1:,} codes" if sheets > 1 else "1 sheet"
