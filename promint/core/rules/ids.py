"""Public ids. Pure.

A row's key is a random 63-bit number; its public id is that number in base 32 behind a prefix that
says what it is ("lst_3kf0…"). So no second id has to be stored, and an id shows neither how many
rows there are nor in which order they were made.
"""

import os
import re
import secrets
from collections.abc import Iterable
from functools import lru_cache

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 13


def new_key() -> int:
    return secrets.randbits(63)


def new_claim_id() -> str:
    """A random id of 128 bits. Claims are stored by code and customer; this is only their public
    name."""
    return "clm_" + os.urandom(16).hex()


def is_claim(text: str) -> bool:
    return re.fullmatch("clm_[0-9a-f]{32}", text) is not None


@lru_cache(4096)
def public(prefix: str, key: int) -> str:
    return f"{prefix}_" + "".join(_DIGITS[key >> 5 * i & 31] for i in reversed(range(_LENGTH)))


def key_of(prefix: str, public_id: str) -> int | None:
    """The number behind a public id; None if it is not an id of this kind."""
    kind, _, digits = public_id.partition("_")
    if kind != prefix or len(digits) != _LENGTH or not set(digits) <= set(_DIGITS):
        return None
    key = sum(_DIGITS.index(d) << 5 * i for i, d in enumerate(reversed(digits)))
    return key if key < 2**63 else None


def keys_of(prefix: str, public_ids: Iterable[str]) -> list[int]:
    """The numbers behind the public ids of this kind. Other ids are left out."""
    found = (key_of(prefix, public_id) for public_id in public_ids)
    return [key for key in found if key is not None]
