"""Choosing an export, and fetching its file."""

from promint.dashboard.exports.choices import Choice, choices

__all__ = ["Choice", "choices", "export"]
