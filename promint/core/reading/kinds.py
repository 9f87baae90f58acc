"""What a file holds: codes, or the recipients of codes. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from promint.core.reading.sorting import Read, Row, in_order, once_each, settled, sort
from promint.core.rules import code_cells, limits, recipient_cells


@dataclass(frozen=True)
class Kind:
    """How a file with values of this kind is read. `is_value`: whether a cell could be a value,
    so that it is no header. `first`: judges the first rows. `write`: writes all rows and returns
    how many there are. Both are told whether values are taken that are unlike all others."""

    headers: frozenset[str]
    is_header: Callable[[str], bool]
    is_value: Callable[[str], bool]
    read: Read
    most: int
    first: Callable[[list[Row], bool], list[Row]]
    write: Callable[[Iterable[Row], BinaryIO, bool], int]


KINDS = {
    "codes": Kind(
        code_cells.HEADERS,
        code_cells.is_header,
        lambda text: bool(code_cells.read(text).value),
        code_cells.read,
        limits.UPLOAD_ROWS,
        settled,
        sort,
    ),
    "recipients": Kind(
        recipient_cells.HEADERS,
        recipient_cells.is_header,
        recipient_cells.is_like_one,
        recipient_cells.read,
        limits.BULK_RECIPIENTS,
        lambda found, _: list(once_each(found)),
        lambda found, out, _: in_order(found, out),
    ),
}
