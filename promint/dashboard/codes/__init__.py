"""Administer codes: find one code, explain it, cancel it, or claim it for a customer."""

__all__ = ["address", "administer", "claim"]
