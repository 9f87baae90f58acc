"""Cells of .csv files, which spreadsheet programs open. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"  # so that Excel reads names in every script
# What spreadsheet programs take for the start of a formula, in full width too.
STARTS_A_FORMULA = frozenset("=+-@\t\r＝＋－＠")


def inert(row: Sequence[str]) -> list[str]:
    """A row of .csv none of whose cells a spreadsheet takes for a formula."""
    return [f"'{cell}" if cell[:1] in STARTS_A_FORMULA else cell for cell in row]


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Every cell is quoted: whatever a program divides cells by, no part of one becomes a cell."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(map(inert, rows))
    return text.getvalue()
