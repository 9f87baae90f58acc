"""The doctor checks every invariant in the database, and repairs counters."""

from promint.core.doctor.doctor import check, repair

__all__ = ["check", "repair"]
