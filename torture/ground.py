"""Promint as an operator runs it, with wires in between that the nemesis can reach.

On PostgreSQL there are two web servers, the first with two processes, and a worker; on SQLite one
`promint up`.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.databases import HOST, Cluster, free_port, installed_tools
from tests.servers import Server, end, wait_until
from torture.wire import Wire

PROMISED_READY = 120  # seconds


@dataclass
class Program:
    """One command of `promint` that is started again and again. `serves`: on `port`."""

    name: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    port: int | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


class Ground:
    """`database`: "postgresql" or "sqlite". `statements`: what is done to the fresh database, for
    mutants."""

    def __init__(self, database: str, statements: list[str]) -> None:
        self.database = database
        self.statements = statements
        self._ends = ExitStack()
        folder = tempfile.TemporaryDirectory(prefix="promint-torture-")
        self.directory = Path(self._ends.enter_context(folder))
        self.cluster: Cluster | None = None
        self.of_callers: list[Wire] = []
        self.of_database: list[Wire] = []
        self.programs: list[Program] = []

    def __enter__(self) -> Self:
        with ExitStack() as undone:
            undone.push(self)
            self._prepare()
            undone.pop_all()
        return self

    def _prepare(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PROMINT_")}
        environment["PROMINT_DATA_DIR"] = str(self.directory / "data")
        environment["PROMINT_LOG_FORMAT"] = "json"
        if self.database == "postgresql":
            self._start_cluster(environment)
        self.server = Server(environment, self.directory)
        self._ends.push(self.server.__exit__)
        self.server.succeed("migrate")
        for statement in self.statements:
            self._execute(statement)
        scopes = ["--scope", "claim", "--scope", "manage"]
        self.api_key = self.server.succeed("key", "create", "Torture", *scopes).strip()
        for program in self._wanted():
            self.programs.append(program)
            if program.port is not None:
                self.of_callers.append(self._wire(program.port))
            self.start(program)

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def _start_cluster(self, environment: dict[str, str]) -> None:
        tools = installed_tools()
        if tools is None:
            sys.exit("Torture on PostgreSQL needs PostgreSQL (Debian: postgresql-15).")
        self.cluster = Cluster(tools)
        self._ends.callback(self.cluster.remove)
        environment["PROMINT_DATABASE_URL"] = self.cluster.create_database("torture")

    def _wire(self, port: int) -> Wire:
        return self._ends.enter_context(Wire(port))

    def _wanted(self) -> Iterator[Program]:
        port = free_port()
        if self.cluster is None:
            yield Program("up", ["up", "--port", str(port)], port=port)
            return
        for name, processes, port in (("web", 2, free_port()), ("other web", 1, free_port())):
            arguments = ["web", "--port", str(port), "--processes", str(processes)]
            yield Program(name, arguments, self._over_a_wire(), port)
        yield Program("worker", ["worker"], self._over_a_wire())

    def _over_a_wire(self) -> dict[str, str]:
        assert self.cluster is not None
        wire = self._wire(self.cluster.port)
        self.of_database.append(wire)
        url = self.cluster.url("torture").replace(f":{self.cluster.port}/", f":{wire.port}/")
        return {"PROMINT_DATABASE_URL": url}

    def start(self, program: Program) -> None:
        self._begin(program)
        if program.port is not None:
            wait_until(lambda: self._answers(program), PROMISED_READY)

    def _begin(self, program: Program) -> None:
        program.process = self.server.start(program.arguments, program.environment)

    def _answers(self, program: Program) -> bool:
        """Whether it runs and, if it serves, answers. One that ended is started again, as systemd
        does: a program ends if it cannot reach the database when it starts."""
        assert program.process is not None
        if program.process.poll() is not None:
            self._begin(program)
            return False
        return program.port is None or self.server.answers(program.url, program.process)

    def start_what_ended(self) -> None:
        """Start programs again that ended by themselves, as systemd does: a worker ends if it
        cannot reach the database when it starts. For the thread that kills and starts programs."""
        for program in self.programs:
            if program.process is not None and program.process.poll() is not None:
                self._begin(program)

    def named(self, name: str) -> Program:
        return next(program for program in self.programs if program.name == name)

    def ports(self) -> list[int]:
        """Where callers call: the wires to the web servers."""
        return [wire.port for wire in self.of_callers]

    def children(self, program: Program, part: str) -> list[int]:
        """The processes below the program whose command line has that part."""
        assert program.process is not None
        parent = program.process.pid
        with suppress(FileNotFoundError):
            found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            return [int(pid) for pid in found if part in _command_of(pid)]
        return []

    def kill(self, program: Program) -> int:
        """Kill the program and all processes below it at once, and return how many these were."""
        assert program.process is not None
        pids = [program.process.pid, *self.children(program, "")]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        program.process.wait()
        return len(pids)

    def stop(self, program: Program) -> int:
        """Ask it to end, and return its exit status."""
        assert program.process is not None
        return end(program.process)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another program holds the lock of the SQLite file."""
        other = sqlite3.connect(self.directory / "data/promint.sqlite3", isolation_level=None)
        try:
            other.execute("PRAGMA busy_timeout = 30000")
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.close()

    def _execute(self, statement: str) -> None:
        connected: Any
        if self.cluster is None:
            connected = sqlite3.connect(self.directory / "data/promint.sqlite3")
        else:
            connected = psycopg.connect(self.cluster.url("torture"))
        with connected:
            connected.execute(statement)
        connected.close()

    def is_well(self) -> bool:
        return all(self._answers(one) for one in self.programs)

    def doctor(self) -> tuple[int, str]:
        done = self.server.run("doctor")
        return done.returncode, done.stdout + done.stderr


def _command_of(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""
