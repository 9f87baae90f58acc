"""Alert mails: a row for each address, written with what it is about; a worker sends them later."""

from datetime import timedelta

from django.db.models import QuerySet

from promint.core import jobs
from promint.core.clock import database_now
from promint.core.models import Batch, Mail
from promint.core.transactions import durable

FIRST_DELAY = timedelta(seconds=5)  # doubles with every try
LONGEST_DELAY = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(days=3)


def queue(batch: Batch, about: str) -> None:
    """Once for each address of the batch. `about`: finished or failed."""
    Mail.objects.bulk_create(
        [Mail(batch=batch, address=address, about=about) for address in batch.notify],
        ignore_conflicts=True,
    )


def waiting() -> QuerySet[Mail]:
    return Mail.objects.filter(status="pending").select_related("batch__list")


@durable
def sent(mail: Mail) -> None:
    jobs.write(mail, status="sent", sent_at=database_now(), error=None)


@durable
def refused(mail: Mail, reason: str) -> None:
    """For good. The reason shows beside the batch."""
    jobs.write(mail, status="refused", error=reason)


def not_yet(mail: Mail, reason: str) -> None:
    """Try again after a while, or give up after days."""
    if database_now() - mail.created_at > GIVEN_UP_AFTER:
        refused(mail, f"Given up after {GIVEN_UP_AFTER.days} days: {reason}")
    else:
        _note(mail, reason)
        jobs.put_back(mail, again_in=delay(mail.attempts))


@durable
def _note(mail: Mail, reason: str) -> None:
    jobs.write(mail, attempts=mail.attempts + 1, error=reason)


def delay(attempts: int) -> timedelta:
    """Until the next try, after so many before the one that just failed."""
    return min(FIRST_DELAY * (1 << min(attempts, 20)), LONGEST_DELAY)
