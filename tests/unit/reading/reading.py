"""Reads files as the process for uploads does, but in this process."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from promint.core.reading.process import look, sort_rows
from promint.core.reading.sorting import Row, read_lines

AS_IT_IS: dict[str, Any] = {
    "column": "",
    "sheets": [],
    "header": None,
    "unlike": False,
    "kind": "codes",
}


def looked_at(name: str, content: bytes, **asked: Any) -> dict[str, Any]:
    """The result of a first look. `asked`: column, sheets, header, unlike."""
    with TemporaryDirectory() as directory:
        file = Path(directory, f"file{Path(name).suffix}")
        file.write_bytes(content)
        return look(file, AS_IT_IS | asked)


def rows_of(name: str, content: bytes, **asked: Any) -> list[Row]:
    """All rows, in the order of the file."""
    with TemporaryDirectory() as directory:
        file, out = Path(directory, f"file{Path(name).suffix}"), Path(directory, "rows")
        file.write_bytes(content)
        found = look(file, AS_IT_IS | asked)
        told = sort_rows(file, out, {**AS_IT_IS, **asked, "plan": found["plan"]})
        with out.open(encoding="utf-8", newline="\n") as lines:
            rows = sorted(read_lines(lines), key=lambda row: (row.sheet, row.number))
    assert told["rows"] == len(rows)
    return rows


def codes_of(name: str, content: bytes, **asked: Any) -> list[str]:
    return [row.typed for row in rows_of(name, content, **asked) if row.value]


def rejects_of(name: str, content: bytes, **asked: Any) -> list[tuple[int, str]]:
    rows = rows_of(name, content, **asked)
    return [(row.number, row.reason) for row in rows if not row.value]
