"""Uploads: a file of codes that were made elsewhere becomes a batch. Every row is accounted for."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from promint.core import audit, lists
from promint.core.codes import batches
from promint.core.models import Batch, RejectedRow
from promint.core.reading import ENDINGS
from promint.core.rules import (
    BYTE_ORDER_MARK,
    BatchStatus,
    ListType,
    Refusal,
    Refused,
    checks,
    csv_text,
    invalid,
    limits,
)
from promint.core.storage import Busy, database_now, durable, jobs, stored_files
from promint.core.uploads import looking
from promint.core.uploads.looking import Wishes

# Why a row was rejected: the name of the reason, and words that follow a number of rows.
REASONS = {
    "malformed": "malformed: not a code",
    "number_too_long": "numbers of more than 15 digits, which spreadsheets round",
    "formatted_number": "numbers that show something else than their digits",
    "no_value": "formulas without a stored result",
    "unlike_others": "without a digit, unlike all other codes of the file",
    "duplicate_in_file": "repeated: the same code as in an earlier row",
    "code_exists": "known: the code exists already",
}
AS_IT_IS = Wishes()
UNCLAIMED_FOR = timedelta(hours=1)  # for a file without a batch, whose request may still run
STEP = 10_000  # rejected rows read at a time


@dataclass(frozen=True)
class Staged:
    """A file that is stored but has no batch yet."""

    file: Path
    name: str


@dataclass(frozen=True)
class Understood:
    """A stored file, how it is read, and what was asked for its batch."""

    staged: Staged
    name: str
    notify: list[str]
    wishes: Wishes
    found: dict[str, Any]


def request(
    list_id: str,
    file_name: str,
    chunks: Iterable[bytes],
    name: str,
    notify: list[str],
    actor: str,
    wishes: Wishes = AS_IT_IS,
) -> Batch:
    """Take a file for a 3rd party list; a worker reads and loads it. Raises Refused."""
    wanted = understood(list_id, file_name, chunks, name, notify, wishes)
    try:
        return enter(list_id, wanted, actor)
    except (Refused, Busy):  # with any other error there may be a batch
        wanted.staged.file.unlink()
        raise


def understood(
    list_id: str,
    file_name: str,
    chunks: Iterable[bytes],
    name: str,
    notify: list[str],
    wishes: Wishes,
) -> Understood:
    """Everything that takes long before the batch is made; stores the file. Raises Refused."""
    check_list(list_id)  # so that nothing is stored if it is refused
    batches.check_request(name, notify)
    staged = stage(file_name, chunks)
    try:
        return understood_staged(staged, name, notify, wishes)
    except Refused:
        staged.file.unlink()
        raise


def check_list(list_id: str) -> None:
    """Raises Refused if there is no such list, or if its codes are not uploaded."""
    batches.check_type(lists.find(list_id), ListType.THIRD_PARTY)


def stage(file_name: str, chunks: Iterable[bytes]) -> Staged:
    """Store a file. `purge` deletes it if no batch is made of it. Raises Refused."""
    shown = _checked_name(file_name)
    file = _store(chunks, _ending(shown))
    if file.stat().st_size == 0:
        file.unlink()
        raise invalid({"file": "The file is empty."})
    return Staged(file, shown)


def staged(stored_as: str, file_name: str) -> Staged:
    """A file that was stored before. Raises Refused if it has been deleted."""
    file = stored_files.directory("uploads") / f"{stored_as}{_ending(file_name)}"
    if not file.exists():
        raise invalid({"file": "The file is no longer kept. Choose it again."})
    return Staged(file, file_name)


def understood_staged(staged: Staged, name: str, notify: list[str], wishes: Wishes) -> Understood:
    """Decide how the file is read. Raises Refused, also if a person must choose."""
    batches.check_request(name, notify)
    found = looking.decided(looking.look(staged.file, wishes))
    return Understood(staged, name, notify, wishes, found)


@durable
def enter(list_id: str, wanted: Understood, actor: str) -> Batch:
    """Make the batch of a stored file. Raises Refused; `purge` deletes the file then."""
    promo_list = batches.open_for_batches(list_id, ListType.THIRD_PARTY)
    if Batch.objects.filter(stored_as=wanted.staged.file.stem).exists():
        raise invalid({"file": "This file is taken already: see the upload log."})
    return batches.add(
        promo_list,
        actor,
        quantity=0,
        stored_as=wanted.staged.file.stem,
        file_name=wanted.staged.name,
        name=wanted.name,
        notify=wanted.notify,
        account=wanted.found["account"] | {"counts": {}},
        plan={"plan": wanted.found["plan"], "unlike": wanted.wishes.unlike},
    )


def _checked_name(file_name: str) -> str:
    """The file's name without the folders that some browsers send with it."""
    shown = PurePosixPath(file_name.replace("\\", "/")).name
    if problem := checks.line(shown, limits.FILE_NAME_CHARACTERS):
        raise invalid({"file": f"Its name: {problem}"})
    if _ending(shown) not in ENDINGS:
        raise looking.unsupported(f"Send a file that ends in {', '.join(ENDINGS)}.")
    return shown


def _ending(file_name: str) -> str:
    return PurePosixPath(file_name).suffix.lower()


def _store(chunks: Iterable[bytes], ending: str) -> Path:
    file = stored_files.directory("uploads") / f"{secrets.token_hex(16)}{ending}"
    try:
        with stored_files.create(file) as out:
            for chunk in _within_limit(chunks):
                out.write(chunk)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return file


def _within_limit(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, until they exceed the limit. Counts the bytes that arrive, whatever size was
    announced."""
    room = limits.UPLOAD_BYTES
    for chunk in chunks:
        room -= len(chunk)
        if room < 0:
            raise Refused(Refusal.PAYLOAD_TOO_LARGE, too_large(), {"file": too_large()})
        yield chunk


def too_large() -> str:
    """The sentence for the sender of a file that is too large."""
    return f"A file may have at most {limits.UPLOAD_BYTES >> 20} MB."


def path(batch: Batch) -> Path:
    """Where the file is stored as it was uploaded."""
    name = f"{batch.stored_as}{_ending(batch.file_name)}"
    return stored_files.directory("uploads") / name


def sorted_path(batch: Batch) -> Path:
    """Where its rows are stored when they are ready for loading: promint.core.reading.sorting."""
    return path(batch).with_suffix(".rows")


def part_path(batch: Batch) -> Path:
    """Where its rows are stored while they are being sorted."""
    return path(batch).with_suffix(f".{batch.fence}.part")


@durable
def was_read(batch: Batch, rows: int, sheets: list[str]) -> None:
    """The rows are ready for loading. Raises LostLease."""
    jobs.write(batch, quantity=rows, sheets=sheets, account=batch.account | {"rows": rows})


@durable
def note_download(batch: Batch, actor: str) -> None:
    """Record who downloads the rejected rows, because they hold codes."""
    audit.record(actor, "batch.rejects_downloaded", batch.public_id)


def rejects(batch: Batch) -> Iterator[str]:
    """The rejected rows as CSV text, in pieces, in the order of the file. If a workbook has
    several sheets, the first column names the sheet."""
    header = ["row", "value", "reason"]
    yield BYTE_ORDER_MARK + csv_text([["sheet", *header] if batch.sheets else header])
    place = (0, -1)
    while found := _rejected_after(batch, place):
        sheets = [[batch.sheets[row.sheet]] if batch.sheets else [] for row in found]
        yield csv_text(
            [
                [*sheet, str(row.row), row.value, row.reason]
                for row, sheet in zip(found, sheets, strict=True)
            ]
        )
        place = (found[-1].sheet, found[-1].row)


def _rejected_after(batch: Batch, place: tuple[int, int]) -> list[RejectedRow]:
    sheet, row = place
    of_batch = RejectedRow.objects.filter(batch=batch)
    rest_of_sheet = of_batch.filter(sheet=sheet, row__gt=row).order_by("row")[:STEP]
    return list(rest_of_sheet) or list(
        of_batch.filter(sheet__gt=sheet).order_by("sheet", "row")[:STEP]
    )


def why_no_codes(reasons: Mapping[str, int], rows: int) -> str:
    """Why an upload failed in which no row became a code."""
    if reasons.get("code_exists", 0) + reasons.get("duplicate_in_file", 0) == rows:
        return "All codes of the file are in Promint already, so nothing was added."
    told = ", ".join(f"{count:,} {REASONS[reason]}" for reason, count in reasons.items())
    return f"No row of the file is a code that can be added. Rows: {told}."


def forget_files(batch: Batch) -> None:
    """Delete the files of a batch that is complete."""
    for file in (path(batch), sorted_path(batch)):
        file.unlink(missing_ok=True)


def purge() -> int:
    """Delete files that no batch needs any more or that a killed worker left. Returns how many."""
    now = database_now()
    gone = 0
    for file in stored_files.directory("uploads").iterdir():
        if not _needed(file, now):
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def _needed(file: Path, now: datetime) -> bool:
    stored_as, *rest = file.name.split(".")
    batch = Batch.objects.filter(stored_as=stored_as).first()
    if batch is None:
        with suppress(FileNotFoundError):
            return now.timestamp() - file.stat().st_mtime < UNCLAIMED_FOR.total_seconds()
        return False
    if batch.status == BatchStatus.PENDING:
        return rest[-1] != "part" or rest[0] == str(batch.fence)
    if batch.status == BatchStatus.FAILED and batch.finished_at is not None:
        return rest[-1] != "part" and now < batch.finished_at + limits.UPLOADS_KEPT
    return False
