"""Looks at a file before it is taken: how it would be read, and what a person must choose.

The file may come from anybody, so a separate process without database and secrets looks at it.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from promint.core.rules import Refusal, Refused, invalid
from promint.core.storage import Busy

READER = "promint.core.reading.process"
SECRETS = {
    "PROMINT_DATABASE_URL",
    "PROMINT_SECRET_KEY",
    "PROMINT_EMAIL_URL",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
}
SMALL = 1024 * 1024  # bytes
SECONDS = 30
PATIENCE = 20  # seconds to wait for a place

# Two files are looked at at a time, one of them small, so that large files do not keep small ones
# waiting.
_PLACES = {True: threading.BoundedSemaphore(1), False: threading.BoundedSemaphore(1)}

_NEEDED = {
    "column_needed": (
        Refusal.COLUMN_NEEDED,
        "column",
        "It is not clear which column holds the {kind}. Choose one of them.",
    ),
    "sheet_needed": (
        Refusal.SHEET_NEEDED,
        "sheet",
        "It is not clear which sheets hold the {kind}. Choose one or several.",
    ),
}


@dataclass(frozen=True)
class Wishes:
    """What the sender says about the file. `column`: a header or a number from 1. `header`:
    whether there is one. `unlike`: take codes that are unlike all others. `kind`: what the file
    holds, codes or recipients. `rows`: how many are read; None: enough for a look."""

    column: str = ""
    sheets: tuple[str, ...] = ()
    header: bool | None = None
    unlike: bool = False
    kind: str = "codes"
    rows: int | None = None


def look(file: Path, wishes: Wishes) -> dict[str, Any]:
    """The plan, the account and the first rows; or what is needed, the choices and the account.
    Raises Refused, Busy."""
    found = _found(file, wishes)
    if problem := found.get("unsupported") or found.get("error"):
        raise unsupported(problem)
    if wrong := found.get("wrong"):
        raise invalid(wrong)
    return found


def decided(found: dict[str, Any], kind: str = "codes") -> dict[str, Any]:
    """Raises Refused if a person must choose."""
    if "needed" in found:
        refusal, field, sentence = _NEEDED[found["needed"]]
        sentence = sentence.format(kind=kind)
        raise Refused(refusal, sentence, {field: sentence}, {"choices": found["choices"]})
    return found


def unsupported(problem: str) -> Refused:
    return Refused(Refusal.UNSUPPORTED_FILE, problem, {"file": problem})


def _found(file: Path, wishes: Wishes) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", READER, "look", str(file), json.dumps(asdict(wishes))]
    with _place(file):
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env={name: value for name, value in os.environ.items() if name not in SECRETS},
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise unsupported(TOO_LONG) from None
    if done.returncode != 0:
        raise unsupported(why_it_ended(done.returncode))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def _place(file: Path) -> Iterator[None]:
    place = _PLACES[file.stat().st_size <= SMALL]
    if not place.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        place.release()


TOO_LONG = "Reading the file takes too long. Split it, or send it as .csv."
TOO_LARGE = "Reading the file takes too much memory. Split it, or send it as .csv."


def why_it_ended(status: int) -> str:
    """Why the file could not be read, from how the reading process ended."""
    if status in (-24, -14):  # SIGXCPU, SIGALRM
        return TOO_LONG
    if status in (-6, -9):  # SIGABRT, SIGKILL
        return TOO_LARGE
    return "The file is damaged: it cannot be read."
