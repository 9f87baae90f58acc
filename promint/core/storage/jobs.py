"""The domain row is the job: taken by a lease, written under a fence, put back.

A worker that was stopped and woken finds its fence outdated, and its write is refused.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import models
from django.db.models import QuerySet
from django.utils.timezone import now as utc_now

from promint.core.storage.clock import database_now
from promint.core.storage.identified import Identified
from promint.core.storage.transactions import durable

LEASE = timedelta(seconds=15)


class Job(Identified):
    """A row that a worker takes, does a step of, and puts back.

    `fence` grows each time the row is taken; a worker writes only while it holds the newest.
    """

    leased_until = models.DateTimeField(default=datetime.fromisoformat("2000-01-01T00:00:00Z"))
    fence = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=7, default="pending")  # then what its kind ends in
    stepped_at = models.DateTimeField(default=utc_now)  # the one that waited longest goes first

    class Meta:
        abstract = True


J = TypeVar("J", bound=Job)


class LostLease(Exception):
    """The job is done, or another worker has it now: drop what was not committed."""


@durable
def take(waiting: QuerySet[J]) -> J | None:
    """Take the job that has waited longest of those that no worker holds; None: there is none."""
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
    """Let other workers take it, at once or later. Does nothing if another has it already."""
    held = type(job)._default_manager.filter(id=job.id, fence=job.fence)
    held.update(leased_until=database_now() + again_in)


@durable
def renew(job: Job) -> None:
    """Say that this worker is still at it, so that no other takes it. Raises LostLease."""
    write(job)


def is_own(job: Job) -> bool:
    """Whether no other worker has taken it since, be it pending or done."""
    return type(job)._default_manager.filter(id=job.id, fence=job.fence).exists()


def write(job: Job, **changes: object) -> None:
    """Change the row of a pending job under its fence and renew the lease. Inside a transaction.

    A job that is done or failed stays so, also when its worker was not told. Raises LostLease.
    The object in memory stays as it was: the transaction may yet be undone.
    """
    held = type(job)._default_manager.filter(id=job.id, fence=job.fence, status="pending")
    if held.update(leased_until=database_now() + LEASE, **changes) != 1:
        raise LostLease
