"""The audit log."""

from promint.dashboard.audit.audit import index

__all__ = ["index"]
