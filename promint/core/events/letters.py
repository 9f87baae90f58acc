"""What becomes of mails: sent, refused for good, or tried again after a while."""

from datetime import timedelta

from promint.core.models import Letter
from promint.core.storage import database_now, durable, jobs

FIRST_DELAY = timedelta(seconds=5)  # doubles with every try
LONGEST_DELAY = timedelta(minutes=15)
GIVEN_UP_AFTER = timedelta(days=3)


@durable
def sent(letter: Letter) -> None:
    jobs.write(letter, status="sent", sent_at=database_now(), error=None)


@durable
def refused(letter: Letter, reason: str) -> None:
    """For good. The reason stays beside it."""
    jobs.write(letter, status="refused", error=reason)


def not_yet(letter: Letter, reason: str) -> None:
    """Try again after a while, or give up after days."""
    if database_now() - letter.created_at > GIVEN_UP_AFTER:
        refused(letter, f"Given up after {GIVEN_UP_AFTER.days} days: {reason}")
    else:
        _note(letter, reason)
        jobs.put_back(letter, again_in=delay(letter.attempts))


@durable
def _note(letter: Letter, reason: str) -> None:
    jobs.write(letter, attempts=letter.attempts + 1, error=reason)


def delay(attempts: int) -> timedelta:
    """Until the next try, after so many before the one that just failed."""
    return min(FIRST_DELAY * (1 << min(attempts, 20)), LONGEST_DELAY)
