"""Restores a backup into an installation that has no lists. The file is checked before anything is
changed, and the database comes last, in one step: until then, there is none."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction

from promint.core import failpoints, shared_files
from promint.core.storage import on_postgresql, stored_files
from promint.installation import archive, postgresql_tools, tables, versions
from promint.installation.archive import Archive, Manifest
from promint.installation.ended import Ended, Tell
from promint.installation.filling import filling
from promint.installation.places import into_place, sync_directory, unfinished_beside
from promint.installation.serving import nobody_serves, refuse_pooler

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def restore(file: Path, tell: Tell) -> Manifest:
    """Raises Ended. The doctor has to follow."""
    refuse_pooler(connection.settings_dict)
    whole = Archive(file)
    _refuse_what_does_not_fit(whole)
    with nobody_serves():
        _refuse_lists()
        if on_postgresql():
            _into_postgresql(whole, tell)
        else:
            _into_sqlite(whole, tell)
    return whole.manifest


def _refuse_what_does_not_fit(whole: Archive) -> None:
    """What the manifest alone tells, before gigabytes are read."""
    kind = whole.manifest.database
    if kind != connection.vendor:
        raise Ended(
            f"This is a backup of {KINDS.get(kind, kind)}, and PROMINT_DATABASE_URL is"
            f" {KINDS[connection.vendor]}. Restore it into {KINDS.get(kind, kind)}; promint copy"
            " moves from one to the other."
        )
    versions.refuse_newer(whole.manifest)
    given = os.environ.get("PROMINT_SECRET_KEY")
    if given is not None and given.encode() != _secret(whole):
        raise Ended(
            "PROMINT_SECRET_KEY is not the secret of this backup, without which the secrets of"
            " webhooks cannot be read. Set it to the one that this installation had; or unset it,"
            " and the secret is written into the data directory."
        )


def _secret(whole: Archive) -> bytes:
    return b"".join(whole.pieces(archive.SECRET))


def _refuse_lists() -> None:
    if tables.has_lists():
        raise Ended(
            "This database has lists already. Restore into an empty one: name another with"
            " PROMINT_DATABASE_URL or PROMINT_DATA_DIR."
        )


def _into_sqlite(whole: Archive, tell: Tell) -> None:
    """The database is made ready beside its place, and then renamed."""
    whole.check(tell)
    name = Path(connection.settings_dict["NAME"])
    connection.close()
    with unfinished_beside(name) as place:
        database = place / name.name
        with stored_files.create(database) as out:
            for piece in _told(whole, "sqlite", tell):
                out.write(piece)
        _migrate({"PROMINT_DATABASE_URL": f"sqlite:///{quote(str(database))}"})
        _bring_files(whole)
        failpoints.reach("restore.before_database")
        into_place(database, name)
        for ending in ("-journal", "-wal", "-shm"):
            name.with_name(name.name + ending).unlink(missing_ok=True)


def _into_postgresql(whole: Archive, tell: Tell) -> None:
    tool = postgresql_tools.find("pg_restore", whole.manifest.made_with_major)
    connection.close()
    with filling(connection.settings_dict, "restore") as state:
        whole.check(tell)
        _bring_files(whole)
        _drop_empty_tables()
        state.changed = True
        failpoints.reach("restore.before_database")
        postgresql_tools.load(tool, _told(whole, "postgresql", tell))
        failpoints.reach("restore.before_unmarking")
    failpoints.reach("restore.before_migrating")
    _migrate({})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _drop_empty_tables() -> None:
    """Drop the tables that the dump brings. Nobody can add a list meanwhile."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        names = ", ".join(map(connection.ops.quote_name, tables.existing()))
        if names:
            cursor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
            _refuse_lists()
            cursor.execute(f"DROP TABLE {names}")
    connection.close()


def _bring_files(whole: Archive) -> None:
    """Write the kept files and the secret into the data directory."""
    for member in whole.kept_files:
        _, directory, name = member.split("/")
        path = stored_files.directory(directory) / name
        _write(path, whole.pieces(member))
        if directory != "mails" and shared_files.are_in_a_store():
            shared_files.hand_over(path)
        sync_directory(path.parent)
    if os.environ.get("PROMINT_SECRET_KEY") is None:
        _write(Path(settings.DATA_DIR) / "secret-key", [_secret(whole)])
        sync_directory(Path(settings.DATA_DIR))


def _write(path: Path, pieces: Iterator[bytes] | list[bytes]) -> None:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with stored_files.create(part) as out:
        for piece in pieces:
            out.write(piece)
        stored_files.finish(out, path)


def _told(whole: Archive, kind: str, tell: Tell) -> Iterator[bytes]:
    name, done = archive.DATABASES[kind], 0
    for piece in whole.pieces(name):
        done += len(piece)
        tell("Restoring the database", done, whole.manifest.members[name][0])
        yield piece


def _migrate(environment: dict[str, str]) -> None:
    words = [sys.executable, "-P", "-m", "promint.cli", "migrate"]
    done = subprocess.run(words, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode:
        raise Ended(f"The database could not be brought up to date: {done.stderr.strip()}")
