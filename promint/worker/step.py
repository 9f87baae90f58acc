"""One step of a job that a worker has taken, and what happens to the job if the step fails."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from promint.core import traces
from promint.core.cause import caused_by
from promint.core.storage import Busy, OutcomeUnknown, jobs
from promint.worker import reasons

AGAIN_IN = timedelta(seconds=1)

log = logging.getLogger(__name__)
J = TypeVar("J", bound=jobs.Job)


@contextmanager
def step(job: J, fail: Callable[[J, str], None]) -> Iterator[None]:
    """Runs a step. Puts the job back if the database is busy, leaves it if another worker has
    taken it, and marks it as failed, with a sentence for people, after a defect or an error of
    the disk. Log lines and further jobs carry the id of the request that caused the job."""
    told = {"promint.job": job.public_id}
    with traces.span(type(job).__name__, job.request_id, **told), caused_by(job.request_id):
        if job.fence == 1:
            log.info("%s is begun.", job.public_id)
        try:
            yield
        except jobs.LostLease:
            log.warning("Another worker has taken %s.", job.public_id)
        except (Busy, OutcomeUnknown):
            jobs.put_back(job, again_in=AGAIN_IN)
        except Exception as error:
            log.exception("%s failed.", job.public_id)
            fail(job, reasons.of_job(error))
