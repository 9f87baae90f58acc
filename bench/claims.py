"""Claims over HTTP, compared with the same claims made in the database one by one, with a
transaction each."""

import itertools
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bench import load
from bench.ground import Ground, ratio

SECONDS = 6.0
CONNECTIONS = 256
CLIENTS = 16
CODES = 120_000
_ALONE = Path(__file__).with_name("claim_alone.sql")


def run(ground: Ground) -> None:
    ground.server.web()
    port, key = urlsplit(ground.server.url).port or 0, ground.server.claim_key
    for name, hot in (("one hot code", True), ("distinct codes of one list", False)):
        baseline = _baseline(ground, hot)
        requests = _hot(ground, port, key) if hot else _distinct(ground, port, key)
        measured = load.run(port, requests, CONNECTIONS, SECONDS)
        refused = measured.statuses.total() - measured.statuses[201]
        assert not refused, measured.statuses
        ground.say(
            f"claims, {name}",
            f"{ratio(measured.per_second, baseline, 'claims/s')}"
            f"   p50 {measured.percentile(0.5) * 1000:.0f} ms,"
            f" p99 {measured.percentile(0.99) * 1000:.0f} ms",
        )


def _hot(ground: Ground, port: int, key: str) -> Iterator[bytes]:
    ground.call("multi_use", "HotCode")
    return (load.request(port, key, "HotCode", f"customer-{n}") for n in itertools.count())


def _distinct(ground: Ground, port: int, key: str) -> Iterator[bytes]:
    codes = ground.call("single_use", CODES)
    random.shuffle(codes)
    requests = [load.request(port, key, code, f"shopper-{n}") for n, code in enumerate(codes)]
    return iter(requests)


def _baseline(ground: Ground, hot: bool) -> float:
    """Claims made per second without Promint's server."""
    if ground.database == "sqlite":
        return float(ground.call("one_by_one", hot, SECONDS))
    assert ground.cluster is not None
    if hot:
        list_id, code = ground.call("multi_use", "Baseline"), "'BASELINE'"
    else:
        list_id, code = (
            ground.call("numbered", CLIENTS),
            "('N' || (:client_id * 1000000 + :i)::text)",
        )
    script = _ALONE.read_text()
    filled = {
        "CODE": code,
        "CUSTOMER": f"('{'hot' if hot else 'once'}-' || (:client_id * 1000000 + :i)::text)",
        "LIST": str(list_id),
        "ONCE": "false" if hot else "true",
    }
    for name, value in filled.items():
        script = re.sub(rf"\b{name}\b", value, script)
    file = ground.directory / "alone.sql"
    file.write_text(script)
    return _pgbench(file, ground.cluster.url("bench"))


def _pgbench(script: Path, url: str) -> float:
    program = shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"
    done = subprocess.run(
        [
            *[program, "-n", "-M", "prepared", "-D", "i=0", "-j", "1"],
            *[f"--client={CLIENTS}", f"--time={SECONDS:.0f}", f"--file={script}", url],
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])
