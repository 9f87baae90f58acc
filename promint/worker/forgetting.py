"""Once a minute: deletes what is kept for a limited time, a little at a time; mails
administrators about API keys that may be used for guessing codes; and tells webhooks of lists
that end soon."""

import time

from promint.accounts import allowances, list_warnings, mails, sessions
from promint.core import bulk_handouts, exports, uploads
from promint.core.claiming import callers, guessing, kept_answers
from promint.core.events import deliveries, endings
from promint.core.storage import database_now

EVERY = 60.0  # seconds
MOST = 1_000  # rows in one transaction


class Forgetting:
    def __init__(self) -> None:
        self._due = 0.0

    def turn(self) -> bool:
        """True if there is more to delete."""
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
            bulk_handouts.forget_old(now, MOST),
            endings.tell(MOST),
        ]
        if max(deleted) < MOST:
            mails.warn_of_guessing()
            list_warnings.warn_owners()
            callers.forget_old(now)
            exports.purge()
            uploads.purge()
            self._due = time.monotonic() + EVERY
            return False
        return True
