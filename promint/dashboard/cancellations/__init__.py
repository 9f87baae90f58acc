"""Cancelling many codes together: choosing them, what is at stake, the history, and the undo."""

from promint.dashboard.cancellations.wording import cancelled_codes

__all__ = ["cancelled_codes", "choose", "history"]
