"""Choosing an export's format and downloading its file."""

from promint.dashboard.exports.choices import Choice, choices

__all__ = ["Choice", "choices", "export", "print_sheets"]
