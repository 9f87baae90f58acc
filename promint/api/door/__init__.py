"""Takes claims, validations and requests for a code as ASGI requests, before Django. The documents
call this the door."""

from promint.api.door.door import Door
from promint.api.door.handing_out import HandoutDoor

__all__ = ["Door", "HandoutDoor"]
