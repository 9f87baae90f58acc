"""Codes printed on sheets, by the process that makes them for the worker: how long it takes, and
how much memory it needs."""

import os
import subprocess
import sys
import time

from bench.ground import Ground
from promint.core.rules import sheets

CODES = (100, 1_000, 10_000)
MANY = 50_000  # on a page each


def run(ground: Ground) -> None:
    prints = [(layout, codes) for layout in sheets.LAYOUTS for codes in CODES]
    batches = {codes: ground.call("printable", codes) for codes in (*CODES, MANY)}
    for layout, codes in [*prints, ("page", MANY)]:
        paper = sheets.LAYOUTS[layout].only_on or "A4"
        seconds, megabytes = _made(
            ground, *ground.call("print_sheets", batches[codes], layout, paper)
        )
        ground.say(f"{codes:,} codes on sheets, {layout}", seconds, "s")
        ground.say(f"{codes:,} codes on sheets, {layout}, memory", megabytes, "MB")


def _made(ground: Ground, export: int, fence: int) -> tuple[float, float]:
    """How many seconds the file took, and how many megabytes."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "promint.worker.export_process", str(export), str(fence)],
        env=ground.server.environment,
        stdin=subprocess.PIPE,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"Printing ended with {process.returncode}.")
    return time.monotonic() - started, used.ru_maxrss / 1024
