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


def choices(count: int, thing: str = "code") -> list[Choice]:
    """The formats that the menu offers for this many codes, or claims."""
    xls = count <= limits.XLS_CODES
    too_many = f"Holds {limits.XLS_CODES:,} {thing}s at most"
    in_xls = _sheets(count, thing, XlsTable.ROWS) if xls else too_many
    return [
        Choice("xls", "Excel 97–2003", in_xls, xls),
        Choice("xlsx", "Excel", _sheets(count, thing, XlsxTable.ROWS)),
        Choice("csv", "Plain text", f"One {thing} a line"),
    ]


def _sheets(count: int, thing: str, rows: int) -> str:
    """`rows`: rows on a sheet, including its header."""
    sheets = math.ceil(count / (rows - 1))
    return f"{formats.number(sheets)} sheets of {rows - 1:,} {thing}s" if sheets > 1 else "1 sheet"
