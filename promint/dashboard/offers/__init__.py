"""Offers: the page of all of them, and the page of each, where it is changed and retired."""

__all__ = ["details", "index"]
