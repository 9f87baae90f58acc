"""Sending alert mails, one at a time, in a thread: a server that hangs keeps nothing else waiting.

The thread never touches the database; what became of the mail is noted in the loop.
"""

import logging
import threading
import time

from promint.core import alerts, failpoints, jobs, outgoing_mail
from promint.core.models import Mail
from promint.core.outgoing_mail import TryLater, Undeliverable
from promint.worker.alert_mail import compose

RENEWED_EVERY = 5.0  # seconds
MOMENT = 0.05  # seconds: what most servers need at most
STOP_SECONDS = 5.0  # for the mail under way

log = logging.getLogger(__name__)


class _Sending(threading.Thread):
    def __init__(self, mail: Mail) -> None:
        super().__init__(daemon=True)
        self.mail = mail
        self.renewed = time.monotonic()
        self.trouble: Exception | None = None

    def run(self) -> None:
        try:
            outgoing_mail.send(compose(self.mail))
        except Exception as error:  # told to the loop, which decides
            self.trouble = error


class Mails:
    def __init__(self) -> None:
        self._sending: _Sending | None = None

    def turn(self) -> bool:
        if self._sending is None and not self._begin():
            return False
        assert self._sending is not None
        self._sending.join(MOMENT)
        if self._sending.is_alive():
            self._renew(self._sending)
            return False
        self._settle(self._sending)  # again in the next turn when the database is busy
        self._sending = None
        return True

    def _begin(self) -> bool:
        mail = jobs.take(alerts.waiting())
        if mail is None:
            return False
        failpoints.reach("mails.taken")
        self._sending = _Sending(mail)
        self._sending.start()
        return True

    def _renew(self, sending: _Sending) -> None:
        if time.monotonic() - sending.renewed > RENEWED_EVERY:
            jobs.put_back(sending.mail, again_in=jobs.LEASE)
            sending.renewed = time.monotonic()

    def _settle(self, sending: _Sending) -> None:
        mail, trouble = sending.mail, sending.trouble
        try:
            if trouble is None:
                alerts.sent(mail)
                failpoints.reach("mails.noted")
            elif isinstance(trouble, Undeliverable):
                alerts.refused(mail, str(trouble))
            elif isinstance(trouble, TryLater):
                alerts.not_yet(mail, str(trouble))
            else:
                log.error("%s was not sent.", mail.public_id, exc_info=trouble)
                alerts.not_yet(mail, type(trouble).__name__)
        except jobs.LostLease:
            log.warning("%s went on elsewhere, or its batch is tried again.", mail.public_id)

    def stop(self) -> None:
        """Let the mail under way arrive and note it, so that it is not sent twice."""
        if self._sending is None:
            return
        self._sending.join(STOP_SECONDS)
        if self._sending.is_alive():
            jobs.put_back(self._sending.mail)
        else:
            self._settle(self._sending)
        self._sending = None
