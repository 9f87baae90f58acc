"""Cursors: where a collection goes on, for the server's eyes only.

Encrypted, since a position in a batch is a code, and codes are in no address.
"""

import base64
import hashlib
import json
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from promint.api.problems import invalid_request
from promint.api.refusing import ProblemRaised


@cache
def _cipher() -> Fernet:
    key = hashlib.sha256(f"promint.api.cursors:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def write(collection: str, *position: str) -> str:
    return _cipher().encrypt(json.dumps([collection, *position]).encode()).decode()


def read(cursor: str, collection: str) -> list[str]:
    """The position. Raises a problem for whatever `write` did not make for this collection."""
    try:
        of, *position = json.loads(_cipher().decrypt(cursor.encode()))
    except InvalidToken:
        of = None
    if of != collection:
        raise ProblemRaised(
            invalid_request({"cursor": "Use what a page of this collection gave as its next."})
        )
    return position
