"""Notes the result of sending a mail: sent, refused for good, or to be tried again later."""

from datetime import timedelta

from promint.core.models import QueuedMail
from promint.core.storage import database_now, durable, jobs

FIRST_DELAY = timedelta(seconds=5)  # doubles with every try
LONGEST_DELAY = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(days=3)


@durable
def sent(mail: QueuedMail) -> None:
    jobs.write(mail, status="sent", sent_at=database_now(), error=None)


@durable
def refused(mail: QueuedMail, reason: str) -> None:
    """Note that the mail is refused for good, and why."""
    jobs.write(mail, status="refused", error=reason)


def not_yet(mail: QueuedMail, reason: str) -> None:
    """Try again later, or give up after some days."""
    if database_now() - mail.created_at > GIVEN_UP_AFTER:
        refused(mail, f"Given up after {GIVEN_UP_AFTER.days} days: {reason}")
    else:
        _note(mail, reason)
        jobs.put_back(mail, again_in=delay(mail.attempts))


@durable
def _note(mail: QueuedMail, reason: str) -> None:
    jobs.write(mail, attempts=mail.attempts + 1, error=reason)


def delay(attempts: int) -> timedelta:
    """The time until the next try, after so many tries before the one that has just failed."""
    return min(FIRST_DELAY * (1 << min(attempts, 20)), LONGEST_DELAY)
