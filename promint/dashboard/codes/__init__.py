"""Administer codes: one code found, explained, cancelled, claimed for a customer."""

__all__ = ["address", "administer", "claim"]
