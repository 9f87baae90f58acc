"""Takes claims and validations as ASGI requests, before Django. The documents call this the
door."""

from promint.api.door.door import Door

__all__ = ["Door"]
