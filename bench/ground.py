"""A fresh database for a benchmark, with fsync on, and Promint's own processes on it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

from bench.report import Figure, Report
from tests.databases import Cluster, installed_tools
from tests.servers import Server

_HERE = Path(__file__).parent


class Ground:
    def __init__(self, database: str, report: Report) -> None:
        self.database, self.report = database, report
        self._folder = tempfile.TemporaryDirectory(prefix="promint-bench-")
        self.directory = Path(self._folder.name)
        self.cluster: Cluster | None = None

    def __enter__(self) -> Self:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PROMINT_")}
        environment["PROMINT_DATA_DIR"] = str(self.directory / "data")
        if self.database == "postgresql":
            tools = installed_tools()
            if tools is None:
                sys.exit("make bench needs PostgreSQL (Debian: postgresql-15).")
            self.cluster = Cluster(tools, fsync="on", max_wal_size="4GB")
            environment["PROMINT_DATABASE_URL"] = self.cluster.create_database("bench")
        self.server = Server(environment, self.directory)
        self.server.succeed("migrate")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()
        if self.cluster is not None:
            self.cluster.remove()
        self._folder.cleanup()

    def say(self, what: str, measured: float, unit: str, **against: float) -> None:
        """`against`: baselines by name, in the same unit."""
        self.report.add(Figure(self.database, what, measured, unit, against))

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function of bench.in_database in a process on this database. Arguments and
        result are JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "bench.inside", function, json.dumps(arguments)],
            env={**self.server.environment, "DJANGO_SETTINGS_MODULE": "promint.settings"},
            cwd=_HERE.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)
