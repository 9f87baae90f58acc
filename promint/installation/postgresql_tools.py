"""pg_dump and pg_restore, which belong to PostgreSQL and must fit the server."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from promint.installation.archive import pieces_of
from promint.installation.ended import Ended

_DEBIAN = Path("/usr/lib/postgresql")
_OF_OPTIONS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
_OF_SETTINGS = {
    "NAME": "PGDATABASE",
    "USER": "PGUSER",
    "PASSWORD": "PGPASSWORD",
    "HOST": "PGHOST",
    "PORT": "PGPORT",
}


@dataclass(frozen=True)
class Tool:
    path: Path
    major: int
    words: str  # its name and version, as it says itself


def find(name: str, at_least: int = 0) -> Tool:
    """The program of the server's major version, or else the next newer one. Raises Ended.

    `at_least`: a further lower limit of its major version.
    """
    server = server_major()
    found = sorted(_installed(name), key=lambda tool: tool.major)
    for tool in found:
        if tool.major >= max(server, at_least):
            return tool
    wanted = f"PostgreSQL {max(server, at_least)}"
    install = f"Install its client programs (Debian: postgresql-client-{max(server, at_least)})."
    if not found:
        raise Ended(f"{name} is not installed. It must be that of {wanted} or newer. {install}")
    raise Ended(f"{found[-1].words} is older than {wanted}, which is needed. {install}")


def server_major() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return int(cursor.fetchone()[0])


def _installed(name: str) -> Iterator[Tool]:
    places = [Path(place) for place in os.environ.get("PATH", "").split(os.pathsep) if place]
    for place in [*places, *_DEBIAN.glob("*/bin")]:
        if (place / name).is_file():
            said = subprocess.run([place / name, "--version"], capture_output=True, text=True)
            if match := re.search(r" (\d+)", said.stdout):
                yield Tool(place / name, int(match[1]), said.stdout.strip())


@contextmanager
def snapshot() -> Iterator[str]:
    """The name of a snapshot that other connections can read too. It is also what this connection
    reads."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def dump(tool: Tool, snapshot: str, tables: Iterable[str]) -> Iterator[bytes]:
    """The tables as they are in the snapshot, in the tool's own format. Raises Ended."""
    words = ["--format=custom", "--compress=0", f"--snapshot={snapshot}", "--no-password"]
    words += [f'--table="{table}"' for table in tables]
    with _running(tool, words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield from pieces_of(process.stdout)


def load(tool: Tool, pieces: Iterable[bytes]) -> None:
    """Create the tables of a dump, all or nothing. Raises Ended."""
    words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    words += ["--no-password", f"--dbname={make_conninfo(dbname=connection.settings_dict['NAME'])}"]
    with _running(tool, words, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # the tool says why it has ended
            for piece in pieces:
                process.stdin.write(piece)
            process.stdin.close()


@contextmanager
def _running(
    tool: Tool, words: list[str], stdin: int | None = None, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The tool; at the end it must have succeeded. The password is in its environment, because
    everybody on the machine can read the words."""
    environment = {**os.environ, **_environment()}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [tool.path, *words], env=environment, stdin=stdin, stdout=stdout, stderr=said
        )
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            status = process.wait()
        if status:
            raise Ended(f"{tool.path.name} failed: {_last_line(said)}")


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing."


def _environment() -> dict[str, str]:
    settings = connection.settings_dict
    given = {name: str(settings[key]) for key, name in _OF_SETTINGS.items() if settings[key]}
    options = settings["OPTIONS"]
    return given | {name: str(options[key]) for key, name in _OF_OPTIONS.items() if key in options}
