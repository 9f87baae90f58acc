"""Jobs that take long, need much memory or are dangerous run in a child process of the worker.

The worker holds the lease and renews it while the child lives. The loop continues meanwhile.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import BinaryIO, Generic, TypeVar

from promint.core.storage import jobs

MOST = 2  # children of one kind at a time
MORE_SMALL_ONES = 2  # additional ones for small jobs, which do not have to wait for big ones
RENEWED_EVERY = 5.0  # seconds

log = logging.getLogger(__name__)
J = TypeVar("J", bound=jobs.Job)


@dataclass
class Ended(Generic[J]):
    """`status`: 0 if the child succeeded, negative for the signal that ended it."""

    job: J
    status: int
    output: bytes


@dataclass
class _Child(Generic[J]):
    job: J
    process: subprocess.Popen[bytes]
    said: BinaryIO
    renewed: float = field(default_factory=time.monotonic)


class Children(Generic[J]):
    """`module` is run as a program with a few words, and writes little to its standard output.
    `withheld`: environment variables that it must not see."""

    def __init__(self, module: str, withheld: Collection[str] = ()) -> None:
        self._module = module
        self._withheld = withheld
        self._children: list[_Child[J]] = []

    def has_room(self, small: bool) -> bool:
        return len(self._children) < (MOST + MORE_SMALL_ONES if small else MOST)

    def start(self, job: J, *arguments: str) -> None:
        said = tempfile.TemporaryFile()  # noqa: SIM115 (a pipe would block a child that writes much)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", self._module, *arguments],
            stdin=subprocess.PIPE,
            stdout=said,
            env={k: v for k, v in os.environ.items() if k not in self._withheld},
            start_new_session=True,  # Ctrl-C is for the worker only
        )
        self._children.append(_Child(job, process, said))

    def tend(self) -> list[Ended[J]]:
        """The children that have ended since the last call. The leases of the others are
        renewed."""
        for child in list(self._children):
            if child.process.poll() is None and time.monotonic() - child.renewed > RENEWED_EVERY:
                self._renew(child)
        # Comes last, so that a lease that cannot be renewed now does not lose children that have
        # ended.
        ended = [child for child in self._children if child.process.poll() is not None]
        self._children = [child for child in self._children if child not in ended]
        return [Ended(c.job, c.process.returncode, _read(c)) for c in ended]

    def _renew(self, child: _Child[J]) -> None:
        try:
            jobs.renew(child.job)
            child.renewed = time.monotonic()
        except jobs.LostLease:
            if jobs.is_own(child.job):  # the child has finished it and is about to end
                return
            log.warning("Another worker has taken %s.", child.job.public_id)
            self._children.remove(child)
            _kill(child.process)

    def stop(self) -> None:
        """End the children and let other workers take their jobs at once."""
        for child in self._children:
            _kill(child.process)
            jobs.put_back(child.job)
        self._children.clear()


def _read(child: _Child[J]) -> bytes:
    child.process.communicate()
    with child.said:
        child.said.seek(0)
        return child.said.read()


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()
