"""Mails: composed, sent, and their results noted."""

from promint.worker.mail.sending import Mails

__all__ = ["Mails", "account", "alert"]
