"""Reads a file that names existing codes, for example those to be cancelled together."""

from dataclasses import dataclass, replace
from typing import Any

from promint.core.rules import invalid, limits
from promint.core.uploads.files import Staged, look
from promint.core.uploads.looking import Wishes


@dataclass(frozen=True)
class Named:
    """Canonical codes, each once, in the order of the file; how many rows are not codes, and how
    many name a code again. `found`: how the file was read, or what a person must choose; then
    there are no codes."""

    values: list[str]
    other_rows: int
    repeated: int
    found: dict[str, Any]


def named_codes(staged: Staged, wishes: Wishes) -> Named:
    """The codes in a stored file. Raises Refused, Busy."""
    most = limits.NAMED_IN_A_FILE
    found = look(staged, replace(wishes, unlike=True, rows=most + 1))
    if "needed" in found:
        return Named([], 0, 0, found)
    rows = found.pop("values")
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
    other_rows = rows.count("")
    return Named(values, other_rows, len(rows) - other_rows - len(values), found)
