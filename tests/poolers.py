"""PgBouncer, in front of the server of a test run."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg

from tests.databases import HOST, STARTED_WITHIN, free_port, unprivileged_user
from tests.proxies import installed
from tests.servers import end, wait_until

_SETTINGS = """
[databases]
* = host={server.hostname} port={server.port} user={server.username} password={server.password}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {directory}/users
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 500
{more}
"""


@contextmanager
def pooled(url: str, sessions: int, *more: str) -> Iterator[str]:
    """The address of the same database through PgBouncer in transaction mode, without the word
    for Promint. `sessions`: how many of PostgreSQL it uses. `more`: further lines of its
    settings."""
    program = installed("pgbouncer")
    server, port = urlsplit(url), free_port()
    with TemporaryDirectory(prefix="promint-pgbouncer-") as name:
        directory = Path(name)
        (directory / "users").write_text(f'"{server.username}" "{server.password}"\n')
        words = {"server": server, "host": HOST, "port": port, "directory": directory}
        settings = _SETTINGS.format(**words, sessions=sessions, more="\n".join(more))
        (directory / "settings").write_text(settings)
        address = f"postgresql://{server.username}:{server.password}@{HOST}:{port}{server.path}"
        process = _started(program, directory)
        try:
            wait_until(lambda: _answers(address, process, directory), STARTED_WITHIN)
            yield address
        finally:
            end(process)


def _started(program: str, directory: Path) -> subprocess.Popen[bytes]:
    user = unprivileged_user()  # PgBouncer refuses to run as root too
    if user is not None:
        for path in (directory, *directory.iterdir()):
            shutil.chown(path, user)
    with open(directory / "log", "wb") as log:
        return subprocess.Popen(
            [program, directory / "settings"],
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _answers(address: str, process: subprocess.Popen[bytes], directory: Path) -> bool:
    assert process.poll() is None, (directory / "log").read_text()
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True
