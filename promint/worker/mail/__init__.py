"""Mails: composed, sent, and their results noted."""

from promint.worker.mail.sending import Mails
from promint.worker.mail.smtp import TryLater, greet

__all__ = ["Mails", "TryLater", "account", "alert", "greet"]
