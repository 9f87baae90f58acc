"""Sends mails of one kind, one at a time, in a thread, so that a slow mail server keeps nothing
else waiting.

The thread never uses the database. The result of a mail is noted in the loop.
"""

import logging
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Generic, TypeVar

from django.conf import settings
from django.db.models import QuerySet

from promint.core import failpoints, traces
from promint.core.cause import caused_by
from promint.core.events import mails
from promint.core.models import QueuedMail
from promint.core.storage import jobs
from promint.worker.mail import smtp
from promint.worker.mail.smtp import TryLater, Undeliverable

RENEWED_EVERY = 5.0  # seconds
MOMENT = 0.05  # seconds, which is enough for most servers
STOP_SECONDS = 5.0  # seconds for the mail that is being sent

log = logging.getLogger(__name__)
L = TypeVar("L", bound=QueuedMail)


class _Sending(threading.Thread, Generic[L]):
    def __init__(self, mail: L, compose: Callable[[L], EmailMessage]) -> None:
        super().__init__(daemon=True)
        self.mail = mail
        self._compose = compose
        self.renewed = time.monotonic()
        self.trouble: Exception | None = None

    def run(self) -> None:
        try:
            smtp.send(self._compose(self.mail))
        except Exception as error:  # passed to the loop, which handles it
            self.trouble = error


class Mails(Generic[L]):
    def __init__(
        self, waiting: Callable[[], QuerySet[L]], compose: Callable[[L], EmailMessage]
    ) -> None:
        self._waiting = waiting
        self._compose = compose
        self._sending: _Sending[L] | None = None

    def turn(self) -> bool:
        if self._sending is None and not self._begin():
            return False
        assert self._sending is not None
        self._sending.join(MOMENT)
        if self._sending.is_alive():
            self._renew(self._sending)
            return False
        cause = self._sending.mail.request_id
        with traces.span("Mail", cause), caused_by(cause):
            self._settle(self._sending)  # tried again in the next turn if the database is busy
        self._sending = None
        return True

    def _begin(self) -> bool:
        mail = jobs.take(self._waiting())
        if mail is None:
            return False
        failpoints.reach("mails.taken")
        self._sending = _Sending(mail, self._compose)
        self._sending.start()
        return True

    def _renew(self, sending: _Sending[L]) -> None:
        if time.monotonic() - sending.renewed > RENEWED_EVERY:
            jobs.put_back(sending.mail, again_in=jobs.LEASE)
            sending.renewed = time.monotonic()

    def _settle(self, sending: _Sending[L]) -> None:
        mail, trouble = sending.mail, sending.trouble
        try:
            if trouble is None:
                mails.sent(mail)
                done = "sent" if settings.EMAIL_URL else "written to a file"
                log.info("%s is %s.", mail.public_id, done)
                failpoints.reach("mails.noted")
            elif isinstance(trouble, Undeliverable):
                mails.refused(mail, str(trouble))
            elif isinstance(trouble, TryLater):
                mails.not_yet(mail, str(trouble))
            else:
                log.error("%s was not sent.", mail.public_id, exc_info=trouble)
                mails.not_yet(mail, type(trouble).__name__)
        except jobs.LostLease:
            log.warning("Another worker has taken %s, or its batch is tried again.", mail.public_id)

    def stop(self) -> None:
        """Let the mail that is being sent arrive and note it, so that it is not sent twice."""
        if self._sending is None:
            return
        self._sending.join(STOP_SECONDS)
        if self._sending.is_alive():
            jobs.put_back(self._sending.mail)
        else:
            self._settle(self._sending)
        self._sending = None
