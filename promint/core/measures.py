"""What happens, counted for Prometheus. Nothing is counted, and prometheus-client is not even
imported, unless the process turns it on.

Each process writes its figures into a file of its own in a directory that all processes of one
command share. Whoever is asked adds them up (promint.server.metrics). A process that is started
again continues in the file of the one before it. Labels have few values, all of them fixed.
"""

import os
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from promint.core.rules import Verdict

if TYPE_CHECKING:
    from promint.core.instruments import Instruments

_on: "Instruments | None" = None


def turn_on(directory: str, place: str) -> None:
    """`place`: names the process among those of the command, like "web-1"."""
    global _on
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory  # read by prometheus-client
    from promint.core.instruments import Instruments

    _on = Instruments(place)


def judged(verdicts: Iterable[tuple[bool, Verdict | str]]) -> None:
    """Count claims and validations (True) that have their answer, or none. A text stands for
    what is no verdict: replayed, busy, outcome_unknown, fault."""
    if _on is None:
        return
    for (validate_only, verdict), count in Counter(verdicts).items():
        counter = _on.validations if validate_only else _on.claims
        counter[str(verdict)].inc(count)


def group(size: int, seconds: float) -> None:
    """A group of attempts was judged and committed."""
    if _on is not None:
        _on.group_size.observe(size)
        _on.group_seconds.observe(seconds)


def committed(verb: str, seconds: float) -> None:
    if _on is not None:
        _on.commit_seconds["claims" if verb == "claim_many" else "other"].observe(seconds)


def waiting(attempts: int) -> None:
    """So many attempts wait for the claim writer now."""
    if _on is not None:
        _on.waiting.set(attempts)


def callers(connected: int) -> None:
    if _on is not None:
        _on.callers.set(connected)


def answered(counts: Iterable[tuple[tuple[str, int], int]]) -> None:
    """Count answers, by part of the program and status."""
    if _on is not None:
        for (part, status), count in counts:
            _on.answers.labels(part, str(status)).inc(count)


def begins(chores: Iterable[str] = (), processes: Iterable[str] = ()) -> None:
    """Figures begin at 0, so that the first failure or restart is seen as an increase."""
    if _on is not None:
        for chore in chores:
            for result in ("worked", "busy", "failed"):
                _on.turns.labels(chore, result)
        for process in processes:
            _on.restarts.labels(process)


def turn(chore: str, result: str) -> None:
    """A turn of the worker. `result`: worked, busy or failed."""
    if _on is not None:
        _on.turns.labels(chore, result).inc()


def restarted(process: str) -> None:
    if _on is not None:
        _on.restarts.labels(process).inc()
