"""Opening a file by its name's ending. Pure."""

from pathlib import Path

from promint.core.reading.checks import TEXT
from promint.core.reading.old_workbook import OldWorkbook
from promint.core.reading.sources import Source
from promint.core.reading.text import TextFile
from promint.core.reading.workbook import Workbook


def open_source(path: Path) -> Source:
    """The file has been checked: promint.core.reading.checks. Raises Unreadable."""
    if path.suffix in TEXT:
        return TextFile(path)
    return OldWorkbook(path) if path.suffix == ".xls" else Workbook(path)
