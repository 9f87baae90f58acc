"""An uploaded file made ready for loading: its rows in runs, each sorted as codes are. Pure.

One line a row: canonical form (empty: not a possible code), sheet and row number, and how it was
typed where that is something else. The same file always makes the same lines, so a place among
them says how far the loading has come.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from promint.core.reading import rows
from promint.core.reading.rows import Row
from promint.core.rules import limits

RUN = 1_000_000  # rows sorted together, in memory


def sort(source: Path, out: BinaryIO) -> int:
    """Write the rows of an uploaded file; how many they are. Raises Unreadable."""
    lines = map(_line, rows.rows(source))
    count = 0
    while run := list(islice(lines, RUN)):
        run.sort()
        out.writelines(line.encode() for line in run)
        count += len(run)
    return count


def read(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        value, place, typed = line.removesuffix("\n").split("\t")
        yield Row(int(place[:_SHEET]), int(place[_SHEET:]), typed or value, value)


_SHEET = 5  # digits; the row's number has nine
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _line(row: Row) -> str:
    typed = "" if row.typed == row.value else row.typed
    if not row.value:
        typed = _UNPRINTABLE.sub("\ufffd", typed[: limits.TYPED_CODE_CHARACTERS])
    return f"{row.value}\t{row.sheet:05}{row.number:09}\t{typed}\n"
