"""One customer: what was issued, tried and claimed."""

__all__ = ["claim", "history", "profile"]
