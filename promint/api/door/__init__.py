"""The door for claims: bytes in, bytes out, no framework between."""

from promint.api.door.door import Door

__all__ = ["Door"]
