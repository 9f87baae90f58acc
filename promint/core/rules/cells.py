"""Cells of .csv files, which spreadsheet programs open. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"  # so that Excel reads names in every script
# What spreadsheet programs take for the start of a formula, in full width too. Some take no notice
# of quotes where other signs divide cells, so that one could start within a cell.
_STARTS_A_FORMULA = re.compile('(^|[;\t|][ "]*+)(?=[=+\\-@\t\r＝＋－＠])', re.MULTILINE)


def inert(row: Sequence[str]) -> list[str]:
    """A row of .csv none of whose cells a spreadsheet takes for a formula, whether commas,
    semicolons, tabs or bars divide cells where it is opened."""
    return [_STARTS_A_FORMULA.sub(r"\1'", cell) for cell in row]


def may_calculate(rows: Iterable[Sequence[str]]) -> bool:
    """Whether any cell could need `inert`: a look at thousands of rows costs next to nothing."""
    return _STARTS_A_FORMULA.search("\n".join(map("\n".join, rows))) is not None


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Every cell is quoted, and none starts a formula."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(map(inert, rows))
    return text.getvalue()
