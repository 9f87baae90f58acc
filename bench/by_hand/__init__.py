"""What a good engineer would write in PostgreSQL instead of Promint, measured with pgbench, each
with as many clients as serve it best."""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg

from bench.ground import Ground

_HERE = Path(__file__).parent
CLIENTS = (4, 8, 16, 64)
CODES = 320_000  # N1, N2, …; each number of clients claims its share of them


class ByHand:
    """`function`: one call of a stored function for each claim. `peer`: a transaction of single
    statements, with small tables of its own."""

    def __init__(self, ground: Ground, seconds: int) -> None:
        assert ground.cluster is not None
        self._seconds = seconds
        peers = ground.cluster.create_database("peer")
        self._urls = {"function": ground.cluster.url("bench"), "peer": peers}
        ground.call("multi_use", "ByHand")
        ground.call("numbered", CODES)
        for name, url in self._urls.items():
            with psycopg.connect(url) as connection:
                connection.execute((_HERE / f"{name}.sql").read_bytes())

    def best(self, name: str, which: str) -> float:
        """Claims per second. `which`: "hot" or "distinct"."""
        return max(self._claims_per_second(name, which, clients) for clients in CLIENTS)

    def _claims_per_second(self, name: str, which: str, clients: int) -> float:
        first = CLIENTS.index(clients) * (CODES // len(CLIENTS))
        program = shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"
        done = subprocess.run(
            [
                *[program, "-n", "-M", "prepared", "-D", "turn=0"],
                *["-D", f"first={first}", "-D", f"clients={clients}", "-j", "2"],
                *[f"--client={clients}", f"--time={self._seconds}"],
                *[f"--file={_HERE / f'{name}_{which}.sql'}", self._urls[name]],
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        assert found is not None, done.stdout
        return float(found[1])
