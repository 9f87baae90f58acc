"""The codes of a list that were handed out, and handing out to everyone in a file."""

__all__ = ["bulk", "handouts"]
