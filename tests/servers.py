"""Promint as an operator runs it: real processes of the `promint` program."""

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx

from promint.accounts.roles import Scope
from tests import databases

PROGRAM = Path(sys.executable).with_name("promint")
ANSWERS_WITHIN = 90  # seconds; the machine may be slow and shared
STOPS_WITHIN = 20


class Server:
    """Processes on one database and data directory. All of them end with the `with` block."""

    program: tuple[str | Path, ...] = (PROGRAM,)
    is_here = False  # whether its database is that of this process
    runs_in: Path | None = None  # None: where the tests run

    def __init__(self, environment: dict[str, str], directory: Path) -> None:
        self.environment = environment
        self.log = directory / f"promint-{secrets.token_hex(4)}.log"
        self.urls: list[str] = []  # of the web processes
        self.processes: list[subprocess.Popen[bytes]] = []

    @classmethod
    def on_this_database(cls, directory: Path) -> Self:
        """A server on the database that the test itself uses."""
        server = cls(dict(os.environ), directory)
        server.is_here = True
        return server

    @classmethod
    def of_its_own(cls, directory: Path) -> Self:
        """A server with a fresh database, not yet migrated, of the kind that this run uses."""
        server = cls._beside(directory)
        if databases.cluster is not None:
            name = f"promint_{secrets.token_hex(6)}"
            server.environment["PROMINT_DATABASE_URL"] = databases.cluster.create_database(name)
        return server

    @classmethod
    def migrated(cls, directory: Path) -> Self:
        """A server with a fresh, migrated database of its own."""
        server = cls._beside(directory)
        data = Path(server.environment["PROMINT_DATA_DIR"])
        data.mkdir(mode=0o700)
        server.environment["PROMINT_DATABASE_URL"] = databases.create_migrated(data)
        return server

    @classmethod
    def _beside(cls, directory: Path) -> Self:
        """A server whose data directory is in that directory."""
        environment = dict(os.environ)
        environment["PROMINT_DATA_DIR"] = str(directory / "data")
        environment.pop("PROMINT_FILES_URL", None)
        return cls(environment, directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as ends:  # ends all of them, even if one fails to end
            for process in self.processes:
                ends.callback(end, process)

    def up(self, **more: str) -> subprocess.Popen[bytes]:
        """Start `promint up`. `more`: further environment variables."""
        return self._serve("up", more)

    def web(self, *options: str, **more: str) -> subprocess.Popen[bytes]:
        """Start one more `promint web` on a port of its own. The database must be migrated."""
        return self._serve("web", more, *options)

    def worker(self, **more: str) -> subprocess.Popen[bytes]:
        return self.start(["worker"], more)

    def _serve(self, command: str, more: dict[str, str], *options: str) -> subprocess.Popen[bytes]:
        port = databases.free_port()
        url = f"http://{databases.HOST}:{port}"
        arguments = [command, "--port", str(port), *options]
        process = self.start(arguments, {"PROMINT_BASE_URL": url, **more})
        self.urls.append(url)
        wait_until(lambda: self.answers(url, process), ANSWERS_WITHIN)
        return process

    def start(self, arguments: list[str], more: dict[str, str]) -> subprocess.Popen[bytes]:
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                [*self.program, *arguments],
                env={**self.environment, **more},
                cwd=self.runs_in,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def answers(self, url: str, process: subprocess.Popen[bytes]) -> bool:
        assert process.poll() is None, f"promint ended: {self.log.read_text()}"
        with suppress(httpx.TransportError):
            return httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        return False

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command of the `promint` program to its end. `typed`: its standard input."""
        return subprocess.run(
            [*self.program, *arguments],
            env=self.environment,
            cwd=self.runs_in,
            input=typed,
            capture_output=True,
            text=True,
            timeout=ANSWERS_WITHIN,
        )

    def succeed(self, *arguments: str, typed: str = "") -> str:
        """The standard output of a command, which must not fail."""
        done = self.run(*arguments, typed=typed)
        assert done.returncode == 0, f"promint {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    @property
    def url(self) -> str:
        return self.urls[0]

    @cached_property
    def claim_key(self) -> str:
        return self._key("Till", Scope.CLAIM)

    @cached_property
    def manage_key(self) -> str:
        return self._key("Shop", Scope.MANAGE)

    def _key(self, name: str, scope: Scope) -> str:
        if self.is_here:
            from tests.factories import a_key  # benches have no Django set up

            return a_key(scope, name=name)
        return self.succeed("key", "create", name, "--scope", scope).strip()

    @cached_property
    def claims(self) -> httpx.Client:
        """A client with the key for claims."""
        return self.client(self.claim_key)

    @cached_property
    def manage(self) -> httpx.Client:
        """A client with the key for managing."""
        return self.client(self.manage_key)

    def client(self, key: str, **more: Any) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
            trust_env=False,
            **more,
        )


def end(process: subprocess.Popen[bytes]) -> int:
    """Ask the process to stop and return its exit status. What is left of its group is killed."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(STOPS_WITHIN)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(condition: Any, seconds: float, every: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(every)
