"""What a run measured: printed line by line beside its baselines and targets, and written to
bench/results."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg
import uvicorn

from bench.targets import TARGETS

_ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).with_name("results")


@dataclass
class Figure:
    database: str
    what: str
    measured: float
    unit: str
    against: dict[str, float] = field(default_factory=dict)  # baselines in the same unit

    @property
    def ratios(self) -> dict[str, float]:
        return {name: self.measured / baseline for name, baseline in self.against.items()}

    def __str__(self) -> str:
        compared = "".join(
            f"   {self.ratios[name]:.2f} x {name} ({_short(value)})"
            for name, value in self.against.items()
        )
        target = TARGETS.get((self.database, self.what))
        told = "" if target is None else f"   [{target.told(self.measured, self.ratios)}]"
        return (
            f"{self.database:<11}{self.what:<52}"
            f"{_short(self.measured):>9} {self.unit}{compared}{told}"
        )


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


class Report:
    def __init__(self) -> None:
        self._figures: list[Figure] = []
        self._ran_on = ran_on()
        print(*(f"{name}: {value}" for name, value in self._ran_on.items()), sep="\n", flush=True)

    def add(self, figure: Figure) -> None:
        self._figures.append(figure)
        print(figure, flush=True)

    def write(self) -> Path:
        """The file, named by the time of the run."""
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"{datetime.now(UTC):%Y-%m-%d-%H%M}.json"
        told = {**self._ran_on, "figures": [asdict(figure) for figure in self._figures]}
        file.write_text(json.dumps(told, indent=1) + "\n")
        return file


def ran_on() -> dict[str, str]:
    """The machine, the versions and the commit."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _said("git", "describe", "--always", "--dirty"),
        "machine": f"{os.cpu_count()} cores, {_processor()}, {platform.system()}",
        "load": f"{os.getloadavg()[0]:.1f} before the run",
        "versions": f"Python {platform.python_version()}, Django {django.__version__},"
        f" psycopg {psycopg.__version__}, uvicorn {uvicorn.__version__},"
        f" {_said('postgres', '--version')}",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _said(*command: str) -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, _postgres())])
    done = subprocess.run(
        command, cwd=_ROOT, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _postgres() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
