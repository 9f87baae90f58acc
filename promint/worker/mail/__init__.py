"""Mails: composed, sent, and noted as sent."""

from promint.worker.mail.sending import Mails

__all__ = ["Mails", "account", "alert"]
