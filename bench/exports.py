"""A million codes, from the request to three files, and a partner's badly written file of a million
rows.

The commands `promint batch`, `export` and `upload` are measured, including the start of the
process. Memory is the most that the process or a child of it had at once.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from bench.ground import Ground
from promint.core.rules import ids
from tests.servers import PROGRAM

MILLION = 1_000_000
FORMATS = ("csv", "xlsx", "xls")


def run(ground: Ground) -> None:
    promo_list = ground.call("empty_single_use")
    total, _ = _measured(ground, "batch", promo_list, "--quantity", str(MILLION), "--wait")
    for format in FORMATS:
        output = str(ground.directory / f"codes.{format}")
        seconds, megabytes = _measured(
            ground, "export", promo_list, "--format", format, "--output", output
        )
        total += seconds
        _say(ground, f"export to .{format}", seconds, megabytes)
    ground.say("a million codes made and in three files", total, "s")
    partners = ids.public("lst", ground.call("empty_third_party"))
    file = _ugly_file(ground.directory / "codes.csv")
    seconds, megabytes = _measured(ground, "upload", partners, str(file), "--wait")
    _say(ground, "upload of .csv", seconds, megabytes)


def _say(ground: Ground, what: str, seconds: float, megabytes: float) -> None:
    ground.say(what, MILLION / seconds, "rows/s")
    ground.say(f"{what}, memory", megabytes, "MB")


def _measured(ground: Ground, *arguments: str) -> tuple[float, float]:
    """How many seconds a command took, and how many megabytes."""
    started = time.monotonic()
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        env=ground.server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"promint {' '.join(arguments)} ended with {process.returncode}.")
    return time.monotonic() - started, used.ru_maxrss / 1024


def _ugly_file(path: Path) -> Path:
    """A file with codes typed in several ways, repeats, bad rows, and quoted fields over several
    lines."""
    kinds = ["TP{0:07}", "tp-{0:07}", '"TP{0:07}"', " TP{0:07}\t", "TP{1:07}", "?{0}", "é{0}"]
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        file.write("code;note\n")
        for n in range(MILLION):
            note = '"over\ntwo lines"' if n % 100 == 0 else "Müller"
            file.write(f"{kinds[n % len(kinds)].format(n, n // 2)};{note}\n")
    return path
