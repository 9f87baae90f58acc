"""Files that people send, read and checked. Pure: no Django, no database."""

from promint.core.reading.checks import ENDINGS
from promint.core.reading.rows import Row

__all__ = ["ENDINGS", "Row", "checks", "rows", "sorting"]
