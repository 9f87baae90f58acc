"""The doctor: every invariant checked in the database, counters repaired."""

from promint.core.doctor.doctor import check, repair

__all__ = ["check", "repair"]
