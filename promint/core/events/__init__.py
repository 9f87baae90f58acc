"""What others are told: alert mails, written in the transaction of the fact."""

__all__ = ["alerts", "mails"]
