"""Reads files that people send, without a database. Pure, except for `process`, which is a
program."""

from promint.core.reading.checks import ENDINGS
from promint.core.reading.sorting import Row, read_lines

__all__ = ["ENDINGS", "Row", "read_lines"]
