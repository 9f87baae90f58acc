"""Reads a file that names existing codes, for example those to be cancelled together."""

from collections.abc import Iterable
from dataclasses import dataclass

from promint.core.rules import invalid, limits
from promint.core.uploads import looking
from promint.core.uploads.files import stage
from promint.core.uploads.looking import Wishes


@dataclass(frozen=True)
class Named:
    """Canonical codes, each once, in the order of the file; and how many rows are not codes."""

    values: list[str]
    other_rows: int


def named_codes(file_name: str, chunks: Iterable[bytes], column: str = "") -> Named:
    """The codes in a file that is not kept. `column`: a header or a number from 1, if it is not
    clear. Raises Refused, Busy."""
    most = limits.NAMED_TO_CANCEL
    staged = stage(file_name, chunks)
    try:
        found = looking.decided(
            looking.look(staged.file, Wishes(column, unlike=True, rows=most + 1))
        )
    finally:
        staged.file.unlink(missing_ok=True)
    rows = found["values"]
    if len(rows) > most:
        raise invalid(
            {
                "file": f"A file may have at most {most:,} rows here. Split it, or cancel the whole"
                " batch."
            }
        )
    values = list(dict.fromkeys(filter(None, rows)))
    if not values:
        raise invalid({"file": "No row of the file is a code."})
    return Named(values, rows.count(""))
