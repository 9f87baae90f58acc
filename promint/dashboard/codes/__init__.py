"""Administer codes: one code found, explained, cancelled."""

__all__ = ["address", "administer"]
