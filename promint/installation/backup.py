"""Takes a backup: the database as it is at one moment, the files that belong to it, and the
secret, in one file that appears when it is whole."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from promint.core import failpoints
from promint.core.storage import on_postgresql, stored_files
from promint.installation import (
    archive,
    kept_files,
    postgresql_tools,
    sqlite_snapshot,
    tables,
    versions,
)
from promint.installation.archive import Manifest, Writer
from promint.installation.ended import Ended, Tell
from promint.installation.kept_files import Around, Files
from promint.installation.places import into_place, unfinished_beside
from promint.installation.postgresql_tools import Tool
from promint.installation.serving import refuse_pooler

TRIES = 5  # to find a moment at which the files of all jobs are there


@dataclass(frozen=True)
class Taken:
    """`missing`: files that a job needs and that are not in the data directory."""

    size: int  # bytes
    files: int
    missing: list[Path]


def backup(file: Path, tell: Tell) -> Taken:
    """Raises Ended, and then the file is as it was."""
    refuse_pooler(connection.settings_dict)
    tool = postgresql_tools.find("pg_dump") if on_postgresql() else None
    try:
        with unfinished_beside(file) as place:
            part = place / "backup"
            moment = _write(part, tool, tell)
            failpoints.reach("backup.before_rename")
            size = part.stat().st_size
            into_place(part, file)
    except OSError as error:
        raise Ended(f"{file} cannot be written: {error.strerror}.") from error
    return Taken(size, len(moment.files), moment.missing)


@dataclass(frozen=True)
class _Moment:
    """What is backed up. `snapshot`: its name, on PostgreSQL."""

    snapshot: str
    files: Files
    missing: list[Path]


def _write(part: Path, tool: Tool | None, tell: Tell) -> _Moment:
    with stored_files.create(part) as out, kept_files.all_open() as around:
        writer = Writer(out)
        with _moment(around) as moment:
            failpoints.reach("backup.snapshot")
            manifest = _manifest(moment, tool)
            if tool is None:
                copy = part.with_name("database")
                sqlite_snapshot.copy(copy, tell)
            else:
                dumped = postgresql_tools.dump(tool, moment.snapshot, tables.existing())
                writer.add(archive.DATABASES["postgresql"], _told(dumped, tell))
        if tool is None:
            with copy.open("rb") as database:
                pieces = _told(archive.pieces_of(database), tell, copy.stat().st_size)
                writer.add(archive.DATABASES["sqlite"], pieces)
        writer.add(archive.SECRET, [settings.SECRET_KEY.encode()])
        for path, file in moment.files.items():
            writer.add(archive.member_of(path), archive.pieces_of(file))
        writer.finish(manifest)
    return moment


@contextmanager
def _moment(around: Around) -> Iterator[_Moment]:
    """A snapshot of the database with the files that belong to it."""
    snapshot = postgresql_tools.snapshot if on_postgresql() else sqlite_snapshot.snapshot
    for tries_left in reversed(range(TRIES)):
        with snapshot() as name:
            around.open_all()
            files, missing = around.fitting()
            if not missing or not tries_left:
                yield _Moment(name, files, missing)
                return


def _manifest(moment: _Moment, tool: Tool | None) -> Manifest:
    return Manifest(
        promint=versions.own_version(),
        made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        database=connection.vendor,
        migrations=versions.applied_migrations(),
        made_with="" if tool is None else tool.words,
        made_with_major=0 if tool is None else tool.major,
        missing=[archive.member_of(path) for path in moment.missing],
    )


def _told(pieces: Iterable[bytes], tell: Tell, whole: int = 0) -> Iterator[bytes]:
    done = 0
    for piece in pieces:
        done += len(piece)
        tell("Writing the database", done, whole)
        yield piece
