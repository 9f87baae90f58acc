"""The formats of an export, and how so many codes lie in a file of each."""

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
    """As the menu offers them for so many codes."""
    xls = codes <= limits.XLS_CODES
    too_many = f"Holds {limits.XLS_CODES:,} codes at most"
    return [
        Choice("xls", "Excel 97–2003", _sheets(codes, XlsTable.ROWS) if xls else too_many, xls),
        Choice("xlsx", "Excel", _sheets(codes, XlsxTable.ROWS)),
        Choice("csv", "Plain text", "One code a line"),
    ]


def _sheets(codes: int, rows: int) -> str:
    """`rows` of a sheet, its heading among them."""
    sheets = math.ceil(codes / (rows - 1))
    return f"{formats.number(sheets)} sheets of {rows - 1:,} codes" if sheets > 1 else "1 sheet"
