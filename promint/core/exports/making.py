"""Makes the file of an export under a temporary name, and renames it when it is complete."""

import time
from typing import BinaryIO

from promint.core import failpoints, shared_files
from promint.core.exports import claim_rows, exports
from promint.core.exports import rows as export_rows
from promint.core.exports.files import Table, open_table
from promint.core.exports.printing import Sheet
from promint.core.exports.xlsx import Cells
from promint.core.models import Export
from promint.core.storage import stored_files

PROGRESS_EVERY = 1.0  # seconds


def make(export: Export) -> None:
    """Make the file of an export whose lease is held.

    If the worker is killed, another one begins a new file, and the unfinished one is purged later.
    Raises LostLease, Busy or OSError.
    """
    name = exports.path(export)
    part = name.with_name(f"{name.name}.part")
    try:
        with stored_files.create(part) as file:
            rows = _write(export, file)
            failpoints.reach("exports.before_rename")
            stored_files.finish(file, name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    shared_files.hand_over(name)
    failpoints.reach("exports.before_finish")
    exports.finish(export, rows)


def _open(export: Export, file: BinaryIO, header: Cells) -> Table:
    if export.sheet is None:
        return open_table(export.format, file, header, export.what.capitalize())
    from promint.core.exports.sheets import SheetTable  # slow to import, and rarely needed

    return SheetTable(file, Sheet(**export.sheet))


def _write(export: Export, file: BinaryIO) -> int:
    source = claim_rows if export.what == exports.CLAIMS else export_rows
    table = _open(export, file, source.HEADER)
    rows = 0
    due = time.monotonic() + PROGRESS_EVERY
    for page in source.pages(export):
        table.write(page)
        rows += len(page)
        failpoints.reach("exports.in_file")
        if time.monotonic() > due:
            exports.progress(export, rows)
            due = time.monotonic() + PROGRESS_EVERY
    table.close()
    return rows
