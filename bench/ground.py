"""A fresh database for a benchmark, with fsync on, and Promint's own processes on it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

from tests.databases import Cluster, installed_tools
from tests.servers import Server

_HERE = Path(__file__).parent


class Ground:
    def __init__(self, database: str) -> None:
        self.database = database
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

    def say(self, what: str, figures: str) -> None:
        print(f"{self.database:<11} {what:<44} {figures}", flush=True)

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


def ratio(measured: float, baseline: float, unit: str) -> str:
    return f"{measured:>9,.0f} {unit} against {baseline:>9,.0f}: {measured / baseline:.2f} x"
