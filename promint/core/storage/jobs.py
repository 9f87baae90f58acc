"""The row of a batch, export, mail or delivery is also the job: a worker takes it with a lease,
writes to it under a fence, and puts it back.

If a worker stops for longer than its lease, another takes the job and raises the fence. When the
first one goes on, its write is refused because its fence is outdated.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import models
from django.db.models import QuerySet
from django.utils.timezone import now as utc_now

from promint.core import cause
from promint.core.storage.clock import database_now
from promint.core.storage.identified import Identified
from promint.core.storage.transactions import durable

LEASE = timedelta(seconds=15)


class Job(Identified):
    """A row that a worker takes, works on for one step, and puts back.

    `fence` grows each time the row is taken. A worker may write only while it holds the newest one.
    """

    leased_until = models.DateTimeField(default=datetime.fromisoformat("2000-01-01T00:00:00Z"))
    fence = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=7, default="pending")  # the others depend on the kind
    request_id = models.CharField(
        max_length=cause.CHARACTERS, default=cause.request_id, db_default=""
    )  # of the request that caused it, for the log
    stepped_at = models.DateTimeField(default=utc_now)  # the one that waited longest goes first

    class Meta:
        abstract = True


J = TypeVar("J", bound=Job)


class LostLease(Exception):
    """The job is done, or another worker has taken it. Drop what is not committed."""


@durable
def take(waiting: QuerySet[J]) -> J | None:
    """The job that has waited longest among those that no worker holds, now taken; None if there is
    none."""
    now = database_now()
    free = waiting.filter(leased_until__lt=now).order_by("stepped_at", "id")
    job = free.select_for_update(skip_locked=True, of=("self",)).first()
    if job is not None:
        job.fence += 1
        job.stepped_at = now
        job.leased_until = now + LEASE
        job.save(update_fields=["fence", "stepped_at", "leased_until"])
    return job


@durable
def put_back(job: Job, again_in: timedelta = timedelta(0)) -> None:
    """Let other workers take the job, at once or later. Does nothing if another has taken it
    already."""
    held = type(job)._default_manager.filter(id=job.id, fence=job.fence)
    held.update(leased_until=database_now() + again_in)


@durable
def renew(job: Job) -> None:
    """Renew the lease, so that no other worker takes the job. Raises LostLease."""
    write(job)


def is_own(job: Job) -> bool:
    """Whether no other worker has taken the job since, whether it is still pending or done."""
    return type(job)._default_manager.filter(id=job.id, fence=job.fence).exists()


def write(job: Job, **changes: object) -> None:
    """Change the row of a pending job and renew its lease, inside a transaction.

    Raises LostLease if another worker has taken the job, or if it is done or failed already. The
    object in memory is not changed, because the transaction may still be undone.
    """
    held = type(job)._default_manager.filter(id=job.id, fence=job.fence, status="pending")
    if held.update(leased_until=database_now() + LEASE, **changes) != 1:
        raise LostLease
