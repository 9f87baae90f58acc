"""promint batch, upload and export: millions of codes from a terminal, by the same verbs as
everywhere.

A command that waits also does a part of the work, so it finishes without a worker too.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from promint.cli.told import FAILED, say

if TYPE_CHECKING:
    from promint.core.models import Batch
    from promint.worker.loop import Chore

ACTOR = "console"
PIECE = 1024 * 1024  # bytes
BAR = 30  # characters
EVERY = 0.1  # seconds


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    batch = commands.add_parser("batch", help="generate codes for a single use list")
    batch.add_argument("list", metavar="LIST", help="its id, lst_…")
    batch.add_argument("--quantity", type=int, required=True)
    batch.set_defaults(command=_batch)
    upload = commands.add_parser("upload", help="load a file of codes into a 3rd party list")
    upload.add_argument("list", metavar="LIST", help="its id, lst_…")
    upload.add_argument("file", metavar="FILE", type=argparse.FileType("rb"))
    upload.add_argument("--column", default="", help="column of the codes: its header or number")
    upload.add_argument("--sheet", action="append", default=[], help="its name")
    upload.add_argument("--header", choices=["yes", "no"], help="whether the first row is a header")
    upload.add_argument("--unlike", choices=["take"], help="take codes that are unlike all others")
    upload.set_defaults(command=_upload)
    for parser in (batch, upload):
        parser.add_argument("--name", default="")
        parser.add_argument("--notify", action="append", default=[], metavar="ADDRESS")
        parser.add_argument("--wait", action="store_true", help="until its codes can be claimed")
    export = commands.add_parser("export", help="write the codes of a batch or a list to a file")
    export.add_argument("batch", metavar="BATCH", help="its id, bat_…, or a list’s, lst_…")
    export.add_argument("--format", required=True, help="csv, xlsx or xls")
    export.add_argument("--output", required=True, metavar="FILE")
    export.set_defaults(command=_export)


def _batch(options: argparse.Namespace) -> int:
    from promint.core.codes import batches
    from promint.worker.generation import Generator

    batch = batches.request(
        options.list, options.quantity, options.name, options.notify, actor=ACTOR
    )
    print(batch.public_id, flush=True)
    return _wait_for_batch(batch, Generator()) if options.wait else 0


def _upload(options: argparse.Namespace) -> int:
    from promint.core import uploads
    from promint.core.rules import Refused
    from promint.worker import sent_files

    wishes = uploads.Wishes(
        column=options.column,
        sheets=tuple(options.sheet),
        header=options.header and options.header == "yes",
        unlike=options.unlike == "take",
    )
    name, notify = options.name, options.notify
    with options.file as file:
        try:
            pieces = _pieces(file)
            batch = uploads.request(options.list, file.name, pieces, name, notify, ACTOR, wishes)
        except Refused as refused:
            for choice in refused.more.get("choices", []):
                print(_in_a_line(choice), file=sys.stderr)
            raise
    print(batch.public_id, flush=True)
    return _wait_for_batch(batch, sent_files.of_codes()) if options.wait else 0


def _in_a_line(choice: dict[str, Any]) -> str:
    """A column or a sheet, as it has to be asked for, and its first values."""
    asked = f"--column {choice['number']}" if "number" in choice else f"--sheet {choice['sheet']!r}"
    return f"{asked}  {', '.join(choice['samples'])}"


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def wait_for_batch(batch: "Batch") -> None:
    """Until the codes of an upload can be claimed, or it has failed."""
    from promint.worker import sent_files

    _wait_for_batch(batch, sent_files.of_codes())


def _wait_for_batch(batch: "Batch", chore: "Chore") -> int:
    from promint.core.codes import batches
    from promint.core.uploads import REASONS

    def progress() -> tuple[str, int, int]:
        now = batches.find(batch.public_id)
        return now.status, now.created + now.rejected, now.quantity

    _work_until_done(chore, progress)
    batch = batches.find(batch.public_id)
    if batch.error is not None:
        return say(batch.error, FAILED)
    for reason, words in REASONS.items():
        if count := batch.reasons.get(reason):
            print(f"{count:,} {words}", file=sys.stderr)
    return 0


def _export(options: argparse.Namespace) -> int:
    from promint.core import exports
    from promint.worker.exports import Exports

    whole_list = options.batch.startswith("lst_")
    request = exports.request_list if whole_list else exports.request_batch
    asked = request(options.batch, options.format, ACTOR)

    def progress() -> tuple[str, int, int]:
        now = exports.find(asked.public_id)
        return now.status, now.rows, now.quantity

    _work_until_done(Exports(), progress)
    export = exports.find(asked.public_id)
    if export.error is not None:
        return say(export.error, FAILED)
    return _copy(exports.download(export.public_id, ACTOR), options.output)


def _copy(source: "BinaryIO", output: str) -> int:
    """Copy the file. The copy holds codes, so only its owner can read it."""
    from promint.core.storage import stored_files

    part = Path(f"{output}.part")
    try:
        part.unlink(missing_ok=True)
        with source as codes, stored_files.create(part) as copy:
            shutil.copyfileobj(codes, copy)
            stored_files.finish(copy, Path(output))
    except OSError as error:
        return say(f"{output} cannot be written: {error.strerror}.", FAILED)
    return 0


def _work_until_done(chore: "Chore", progress: Callable[[], tuple[str, int, int]]) -> None:
    """`progress` returns the status, the rows done, and all rows (0: not known yet)."""
    from promint.worker.loop import GoesOnBetweenTurns

    try:
        while True:
            status, done, rows = progress()
            _show(done, rows)
            if status != "pending":
                return
            if not chore.turn():
                time.sleep(EVERY)
    finally:
        if sys.stderr.isatty():
            print(file=sys.stderr)
        if isinstance(chore, GoesOnBetweenTurns):
            chore.stop()


def _show(done: int, rows: int) -> None:
    if sys.stderr.isatty():
        full = BAR * done // rows if rows else 0
        bar = "#" * full + "." * (BAR - full)
        print(f"\r[{bar}] {done:,} of {rows:,}", end="", file=sys.stderr, flush=True)
