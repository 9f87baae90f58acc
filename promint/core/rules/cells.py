"""Cells of .csv files, which spreadsheet programs open. Pure."""

from collections.abc import Sequence

STARTS_A_FORMULA = frozenset("=+-@\t\r")


def inert(row: Sequence[str]) -> list[str]:
    """A row of .csv none of whose cells a spreadsheet takes for a formula."""
    return [f"'{cell}" if cell[:1] in STARTS_A_FORMULA else cell for cell in row]
