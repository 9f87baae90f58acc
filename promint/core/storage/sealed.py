"""Encrypts text that only this installation may read, such as codes in the URLs of pages."""

import base64
import hashlib
from datetime import timedelta
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


@cache
def _cipher(purpose: str) -> Fernet:
    key = hashlib.sha256(f"{purpose}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(purpose: str, text: str) -> str:
    """Encrypt the text. The result differs each time and can be opened for the same purpose
    only."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str, within: timedelta | None = None) -> str | None:
    """The text that was sealed; None if `seal` did not make this for this purpose, or made it
    longer ago than `within`."""
    most = None if within is None else int(within.total_seconds())
    try:
        return _cipher(purpose).decrypt(sealed.encode(), ttl=most).decode()
    except InvalidToken:
        return None
