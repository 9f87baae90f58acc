"""Chooses the database of a test run before Django reads its settings.

`pytest` runs on SQLite, `pytest --database=postgresql` on a PostgreSQL cluster that the run starts
and stops itself. Both are in a fresh temporary directory. Processes that a test starts inherit the
environment set here, and so use the same database as the test.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

HOST = "127.0.0.1"
STARTED_WITHIN = 60  # seconds
MEMORY = Path("/dev/shm")
ROOM = 6 * 1024**3  # bytes; if there is less memory, files are kept on the disk
_TOOLS = ("initdb", "postgres", "pg_basebackup")

# Ends the server when the test run ends for whatever reason, because the pipe on its standard input
# closes then.
_WATCHED = """
exec 3<&0
"$@" </dev/null &
server=$!
{ read _ <&3; kill -INT $server; } &
wait $server
"""


class Cluster:
    """A PostgreSQL server for tests. It is safe against its own crash, but not against a power
    cut."""

    def __init__(self, tools: Path, **settings: str) -> None:
        """`settings`: of the server, where they differ from the usual ones of tests."""
        self.tools = tools
        self._settings = settings
        self._user = unprivileged_user()
        self.password = secrets.token_hex(16)
        self._directory = Path(tempfile.mkdtemp(prefix="promint-postgresql-"))
        self.port = free_port()
        if self._user is not None:
            shutil.chown(self._directory, self._user)
        self._initialise()
        self.start()

    def _initialise(self) -> None:
        password_file = self._directory / "password"
        password_file.write_text(self.password)
        if self._user is not None:
            shutil.chown(password_file, self._user)
        command = [self.tools / "initdb", "--pgdata", self._directory / "data", "--no-sync"]
        command += ["--username=promint", f"--pwfile={password_file}", "--auth=scram-sha-256"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8"]
        self._run_as_user(command)
        password_file.unlink()

    def _run_as_user(self, command: list[str | Path]) -> None:
        done = subprocess.run(
            command, cwd=self._directory, user=self._user, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr}")

    def start(self) -> None:
        settings = {
            "port": self.port,
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": "off",
            "autovacuum_naptime": "10s",
            **self._settings,
        }
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        program = [self.tools / "postgres", "-D", self._directory / "data", *options]
        with open(self._directory / "log", "ab") as log:
            self._server = subprocess.Popen(
                ["sh", "-c", _WATCHED, "sh", *program],
                cwd=self._directory,
                user=self._user,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTED_WITHIN
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._directory / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    def url(self, database: str) -> str:
        return f"postgresql://promint:{self.password}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """The URL of the new database. Nobody may be connected to the template."""
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    @contextmanager
    def database_on(self, directory: Path) -> Iterator[str]:
        """The URL of a database whose tables are in that directory, which is created."""
        directory.mkdir()
        if self._user is not None:
            shutil.chown(directory, self._user)
        name = f"promint_{secrets.token_hex(6)}"
        self._execute(f"CREATE TABLESPACE {{}} LOCATION '{directory}'", name)
        self._execute("CREATE DATABASE {} TABLESPACE {}", name, name)
        yield self.url(name)
        self._execute("DROP DATABASE {} WITH (FORCE)", name)
        self._execute("DROP TABLESPACE {}", name)

    @contextmanager
    def copy_of(self, name: str) -> Iterator[str]:
        """The name of the copy. Nobody may be connected to the original."""
        copy = f"promint_{secrets.token_hex(6)}"
        self._wait_until_unused(name)
        self._execute("CREATE DATABASE {} TEMPLATE {}", copy, name)
        yield copy
        self._execute("DROP DATABASE {} WITH (FORCE)", copy)

    def _wait_until_unused(self, name: str) -> None:
        """Sessions of a server that was stopped a moment ago may still be ending."""
        used = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        deadline = time.monotonic() + STARTED_WITHIN
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            while connection.execute(used, [name]).fetchone() != (0,):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{name} is still in use.")
                time.sleep(0.05)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def stop(self, how: str = "fast") -> None:
        """`how`: "fast", or "immediate" for a stop like after a crash."""
        if how == "immediate":
            pid_file = self._directory / "data" / "postmaster.pid"
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
        self._server.communicate()  # closes the pipe, and waits

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._directory)


def unprivileged_user() -> str | None:
    """A user to run PostgreSQL as, because it refuses to run as root. None: the user who runs
    the tests."""
    return "postgres" if os.geteuid() == 0 else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def installed_tools() -> Path | None:
    """The directory of the newest PostgreSQL on this machine."""
    places = [Path(place) for place in os.environ.get("PATH", "").split(os.pathsep)]
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    places += sorted(debian, key=lambda place: float(place.parent.name), reverse=True)
    for place in places:
        if all((place / tool).exists() for tool in _TOOLS):
            return place
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.addoption("--twice", action="store_true", help="all tests on both databases")


cluster: Cluster | None = None  # the cluster of a run on PostgreSQL
MIGRATED = "promint_migrated"  # a database that is only copied


def keep_migrated(name: str) -> None:
    """Keep a copy of a database that nobody uses, migrated and empty, because migrating a new one
    takes longer than most tests do."""
    if cluster is None:
        shutil.copy(name, _migrated_file())
    else:
        cluster.create_database(MIGRATED, name)


def create_migrated(directory: Path) -> str:
    """The URL of a new database, migrated and empty; `directory`: its installation's, which has
    the file of SQLite."""
    if cluster is None:
        shutil.copy(_migrated_file(), directory / "promint.sqlite3")
        return "sqlite:///"
    return cluster.create_database(f"promint_{secrets.token_hex(6)}", MIGRATED)


def _migrated_file() -> Path:
    return Path(os.environ["PROMINT_DATA_DIR"], f"{MIGRATED}.sqlite3")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Runs before pytest-django reads the settings. The caller's own Promint is never touched."""
    global cluster
    for name in [name for name in os.environ if name.startswith("PROMINT_")]:
        del os.environ[name]
    keep_files_in_memory()
    on_postgresql = early_config.known_args_namespace.database == "postgresql"
    tools = installed_tools() if on_postgresql else None
    if on_postgresql and tools is None:
        sys.exit(say_what_is_skipped())
    data_dir = Path(tempfile.mkdtemp(prefix="promint-tests-"))
    early_config.add_cleanup(lambda: shutil.rmtree(data_dir))
    os.environ["PROMINT_DATA_DIR"] = str(data_dir)
    os.environ["PROMINT_FILES_URL"] = "directory:"  # where tests look for files
    if tools is not None:
        cluster = Cluster(tools)
        early_config.add_cleanup(cluster.remove)
        os.environ["PROMINT_DATABASE_URL"] = cluster.create_database("promint_tests")
    return (yield)


def keep_files_in_memory() -> None:
    """Keep temporary files in memory, because most of a run was waiting for the disk at commits.
    Files in memory survive killed processes as files on a disk do, and no test cuts the power."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # makes Python choose it again


@contextmanager
def copy_of(name: str, directory: Path) -> Iterator[tuple[str, str]]:
    """The name and URL of a copy of a database that nobody uses; names are as in Django's
    settings."""
    if cluster is None:
        copy = str(shutil.copy(name, directory / "copy.sqlite3"))
        yield copy, f"sqlite:///{copy}"
    else:
        with cluster.copy_of(name) as copy:
            yield copy, cluster.url(copy)


def say_what_is_skipped() -> int:
    """The exit status of a run on PostgreSQL on a machine without it."""
    if os.environ.get("CI") == "true":
        print("FAILED: PostgreSQL is not installed, and CI=true allows no skipping.")
        return 1
    print(f"SKIPPED: PostgreSQL is not installed. Not run: pytest {' '.join(sys.argv[1:])}")
    return 0
