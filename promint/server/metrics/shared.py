"""The directory in which the processes of one command write their figures.

The command makes it, its children are told of it, and it is gone when the command ends: figures
begin again at 0 with it, as Prometheus expects of a restart.
"""

import os
import shutil
import tempfile

from promint.core import measures

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client's own name for it
PLACE = "PROMINT_PLACE"  # the name of a child among the processes of the command


def begin(command: str) -> None:
    """Count from now on: as a child in the directory of its parent, else in one of its own."""
    if PLACE not in os.environ:
        os.environ[DIRECTORY] = tempfile.mkdtemp(prefix="promint-metrics-")
    measures.turn_on(os.environ[DIRECTORY], os.environ.get(PLACE, command))


def end() -> None:
    """Remove the directory, if it is this process's own."""
    if PLACE not in os.environ and DIRECTORY in os.environ:
        shutil.rmtree(os.environ.pop(DIRECTORY), ignore_errors=True)
