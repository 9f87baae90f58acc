"""One step of a job that a worker has taken, and what becomes of the job when it fails."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from promint.core.storage import Busy, OutcomeUnknown, jobs

AGAIN_IN = timedelta(seconds=1)

log = logging.getLogger(__name__)
J = TypeVar("J", bound=jobs.Job)


@contextmanager
def step(job: J, fail: Callable[[J, str], None]) -> Iterator[None]:
    """Put the job back when the database is busy, let go of it when another worker has it, and
    fail it with a sentence for people when a defect or the disk stopped it."""
    try:
        yield
    except jobs.LostLease:
        log.warning("%s went on elsewhere.", job.public_id)
    except (Busy, OutcomeUnknown):
        jobs.put_back(job, again_in=AGAIN_IN)
    except Exception as error:
        log.exception("%s failed.", job.public_id)
        fail(job, _why(error))


def _why(error: Exception) -> str:
    """Not the error's own words, which could quote a code."""
    if isinstance(error, OSError):
        return f"A file could not be read or written: {os.strerror(error.errno or 0)}."
    return f"An unexpected error stopped it: {type(error).__name__}."
