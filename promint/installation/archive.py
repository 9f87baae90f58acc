"""The file of a backup: a ZIP whose last member is a manifest with the size and SHA-256 of each
other member, and with what is needed to judge whether the file can be restored."""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from promint.installation.ended import Ended, Tell

FORMAT = 1
MANIFEST = "manifest.json"
SECRET = "secret-key"  # noqa: S105 (the name of a member)
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
PIECE = 1024 * 1024  # bytes
LONGEST_MANIFEST = 64 * 1024 * 1024  # bytes
_KEPT_FILE = re.compile(r"files/(exports|uploads|mails)/[^/.][^/]*")


@dataclass(frozen=True)
class Manifest:
    """`database`: its kind. `migrations`: those that were applied, like core.0001_initial.
    `members`: size and SHA-256 by name. `missing`: files that a job needs and that were not
    there."""

    promint: str
    made_at: str
    database: str
    migrations: list[str]
    made_with: str = ""  # the program that wrote the member of the database, on PostgreSQL
    made_with_major: int = 0  # its major version
    missing: list[str] = field(default_factory=list)
    members: dict[str, tuple[int, str]] = field(default_factory=dict)
    format: int = FORMAT


class Writer:
    def __init__(self, file: BinaryIO) -> None:
        # The fastest compression: the others save little of codes, which are random.
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._members: dict[str, tuple[int, str]] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        size, digest = 0, hashlib.sha256()
        with self._zip.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self._members[name] = size, digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        manifest.members.update(self._members)
        self._zip.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        self._zip.close()


class Archive:
    """A backup that is read. Raises Ended if it is none, or damaged."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._zip = zipfile.ZipFile(file)
            self.manifest = self._read_manifest()
        except OSError as error:
            raise Ended(f"{file} cannot be read: {error.strerror}.") from None
        except (zipfile.BadZipFile, KeyError, TypeError, ValueError):
            raise Ended(f"{file} is no backup of Promint, or not a whole one.") from None

    def _read_manifest(self) -> Manifest:
        if self._zip.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
            raise ValueError
        told = json.loads(self._zip.read(MANIFEST))
        if told["format"] != FORMAT:
            raise Ended(
                f"{self._file} has format {told['format']} of backups, and this Promint reads"
                f" format {FORMAT}. Restore it with the Promint that made it, or a newer one."
            )
        manifest = Manifest(**told)
        if sorted([*manifest.members, MANIFEST]) != sorted(self._zip.namelist()):
            raise ValueError
        if not all(map(_is_ours, manifest.members)):
            raise ValueError
        return manifest

    def check(self, tell: Tell) -> None:
        """Read all of it and compare the checksums. Raises Ended."""
        whole = sum(size for size, _ in self.manifest.members.values())
        done = 0
        for name, (size, expected) in self.manifest.members.items():
            found, digest = 0, hashlib.sha256()
            for piece in self.pieces(name):
                digest.update(piece)
                found += len(piece)
                done += len(piece)
                tell("Checking the file", done, whole)
            if (found, digest.hexdigest()) != (size, expected):
                raise self._damaged(name)

    def pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as member:
                while piece := member.read(PIECE):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
            raise self._damaged(name) from None

    def _damaged(self, name: str) -> Ended:
        return Ended(f"{self._file} is damaged: {name} is not as it was written.")

    @property
    def kept_files(self) -> list[str]:
        return [name for name in self.manifest.members if _KEPT_FILE.fullmatch(name)]


def _is_ours(name: str) -> bool:
    known = {SECRET, *DATABASES.values()}
    return name in known or _KEPT_FILE.fullmatch(name) is not None


def member_of(path: Path) -> str:
    """The name of a kept file's member."""
    return f"files/{path.parent.name}/{path.name}"


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
