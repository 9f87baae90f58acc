"""Stores files that people send, knows where the reader puts their rows, and deletes files that
nobody needs any more."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from promint.core import shared_files
from promint.core.models import Batch, BulkHandout
from promint.core.reading import ENDINGS
from promint.core.rules import BatchStatus, Refusal, Refused, checks, invalid, limits
from promint.core.storage import database_now, stored_files
from promint.core.uploads import looking

GONE = "The file is no longer kept. Choose it again."
UNCLAIMED_FOR = timedelta(hours=1)  # for a file without a job, whose request may still run


Sent = Batch | BulkHandout  # jobs that have a file


@dataclass(frozen=True)
class Staged:
    """A file that is stored but has no job yet."""

    file: Path
    name: str


def stage(file_name: str, chunks: Iterable[bytes]) -> Staged:
    """Store a file where any machine can read it. `purge` deletes it if no job is made of it.
    Raises Refused, Busy."""
    staged = stage_here(file_name, chunks)
    shared_files.hand_over(staged.file)
    return staged


def stage_here(file_name: str, chunks: Iterable[bytes]) -> Staged:
    """Store a file on this machine. Raises Refused."""
    shown = _checked_name(file_name)
    file = _store(chunks, _ending(shown))
    if file.stat().st_size == 0:
        file.unlink()
        raise invalid({"file": "The file is empty."})
    return Staged(file, shown)


def staged(stored_as: str, file_name: str) -> Staged:
    """A file that was stored before. Raises Refused if it has been deleted."""
    file = stored_files.directory("uploads") / f"{stored_as}{_ending(file_name)}"
    if not shared_files.is_there(file):
        raise invalid({"file": GONE})
    return Staged(file, file_name)


def look(staged: Staged, wishes: looking.Wishes) -> dict[str, Any]:
    """What `looking.look` says of the file. Raises Refused, Busy."""
    try:
        with shared_files.at_hand(staged.file) as file:
            return looking.look(file, wishes)
    except FileNotFoundError:
        raise invalid({"file": GONE}) from None


def let_go(staged: Staged) -> None:
    """Delete a file of which no job is made."""
    shared_files.delete(staged.file)


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


def path(job: Sent) -> Path:
    """Where the file is stored as it was sent."""
    name = f"{job.stored_as}{_ending(job.file_name)}"
    return stored_files.directory("uploads") / name


def sorted_path(job: Sent) -> Path:
    """Where its rows are stored when they are ready for loading: promint.core.reading.sorting."""
    return path(job).with_suffix(".rows")


def part_path(job: Sent) -> Path:
    """Where its rows are stored while they are being sorted."""
    return path(job).with_suffix(f".{job.fence}.part")


def forget_files(job: Sent) -> None:
    """Delete the files of a job that is complete."""
    shared_files.delete(path(job))
    sorted_path(job).unlink(missing_ok=True)


def kept_paths(now: datetime) -> dict[Path, bool]:
    """The files of jobs, and whether the job cannot go on without the file."""
    kept: dict[Path, bool] = {}
    for jobs in (Batch.objects, BulkHandout.objects):
        for job in jobs.exclude(stored_as="").exclude(status=BatchStatus.ACTIVE):
            pending = job.status == BatchStatus.PENDING
            if pending or _failed_lately(job, now):
                kept |= {path(job): pending, sorted_path(job): False}
    return kept


def _failed_lately(job: Sent, now: datetime) -> bool:
    return job.finished_at is not None and now < job.finished_at + limits.UPLOADS_KEPT


def purge() -> int:
    """Delete files that no job needs any more or that a killed worker left. Returns how many."""
    now = database_now()
    elsewhere = shared_files.stored("uploads")
    gone = 0
    for file in {*stored_files.directory("uploads").iterdir(), *elsewhere}:
        if not _needed(file, elsewhere.get(file), now):
            shared_files.delete(file)
            gone += 1
    return gone


def _needed(file: Path, stored_at: datetime | None, now: datetime) -> bool:
    """`stored_at`: in the shared place; None if the file is here alone."""
    stored_as, *rest = file.name.split(".")
    job = _sent_as(stored_as)
    if job is None:
        with suppress(FileNotFoundError):
            since = (stored_at or _written_at(file)).timestamp()
            return now.timestamp() - since < UNCLAIMED_FOR.total_seconds()
        return False
    if job.status == BatchStatus.PENDING:
        return rest[-1] != "part" or rest[0] == str(job.fence)
    if job.status == BatchStatus.FAILED:
        return rest[-1] != "part" and _failed_lately(job, now)
    return False


def _written_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _sent_as(stored_as: str) -> Sent | None:
    batch = Batch.objects.filter(stored_as=stored_as).first()
    return batch or BulkHandout.objects.filter(stored_as=stored_as).first()


def is_taken(stored: Staged) -> bool:
    """Whether a job was made of this file already."""
    return _sent_as(stored.file.stem) is not None
