"""Opens a file according to its name's ending. Pure."""

from collections.abc import Callable
from pathlib import Path

from promint.core.reading.checks import TEXT
from promint.core.reading.old_workbook import OldWorkbook
from promint.core.reading.sources import Source
from promint.core.reading.text import TextFile
from promint.core.reading.workbook import Workbook


def open_source(path: Path, is_header: Callable[[str], bool]) -> Source:
    """`is_header`: whether a cell is a known header, which shows what separates the cells of a text
    file.

    The file must have been checked by promint.core.reading.checks. Raises Unreadable.
    """
    if path.suffix in TEXT:
        return TextFile(path, is_header)
    return OldWorkbook(path) if path.suffix == ".xls" else Workbook(path)
