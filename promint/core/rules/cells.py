"""Cells of .csv files, which spreadsheet programs open. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"  # so that Excel reads names in every script
# The start of what spreadsheet programs read as a formula, full width characters included. Some
# programs ignore quotes if cells are separated by another character than they expect, so that a
# formula could start in the middle of a cell.
_STARTS_A_FORMULA = re.compile('(^|[;\t|][ "]*+)(?=[=+\\-@\t\r＝＋－＠])', re.MULTILINE)


def inert(row: Sequence[str]) -> list[str]:
    """A row of .csv in which no spreadsheet program finds a formula, whether it takes commas,
    semicolons, tabs or bars as separators."""
    return [_STARTS_A_FORMULA.sub(r"\1'", cell) for cell in row]


def may_calculate(rows: Iterable[Sequence[str]]) -> bool:
    """Whether `inert` could change any of these cells. Cheap, even for thousands of rows."""
    return _STARTS_A_FORMULA.search("\n".join(map("\n".join, rows))) is not None


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """The rows as .csv text. Every cell is quoted, and no cell is read as a formula."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(map(inert, rows))
    return text.getvalue()
