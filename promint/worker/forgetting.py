"""Once a minute: what is kept for a time only is deleted, a little at a time, administrators are
told of keys through which codes are guessed, and webhooks of lists that end soon."""

import time

from promint.accounts import allowances, mails, sessions
from promint.core import exports, uploads
from promint.core.claiming import callers, guessing, kept_answers
from promint.core.events import deliveries, endings
from promint.core.storage import database_now

EVERY = 60.0  # seconds
MOST = 1_000  # rows in one transaction


class Forgetting:
    def __init__(self) -> None:
        self._due = 0.0

    def turn(self) -> bool:
        """True while more is left to delete."""
        if time.monotonic() < self._due:
            return False
        now = database_now()
        deleted = [
            kept_answers.forget_old(now, MOST),
            guessing.forget_old(now, MOST),
            sessions.forget_old(now, MOST),
            allowances.forget_old(now, MOST),
            mails.forget_old(now, MOST),
            deliveries.forget_old(now, MOST),
            endings.tell(MOST),
        ]
        if max(deleted) < MOST:
            mails.warn_of_guessing()
            callers.forget_old(now)
            exports.purge()
            uploads.purge()
            self._due = time.monotonic() + EVERY
            return False
        return True
