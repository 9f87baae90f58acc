"""Which API key a request carries. Looked up afresh after half a second, so that a revoked key is
refused within one."""

import time

from django.db import InterfaceError, OperationalError, connection

from promint.accounts import keys
from promint.accounts.keys import KeyHolder
from promint.accounts.roles import Scope
from promint.api.problems import Problem
from promint.core.storage import Busy

KEPT = 0.5  # seconds
MOST_KEPT = 10_000  # keys
_holders: dict[str, tuple[float, KeyHolder | None]] = {}


def key_of(authorization: str) -> str:
    """The key in an Authorization header; empty when there is none."""
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def remembered(key: str) -> KeyHolder | None:
    """Without a look into the database; None: look it up."""
    until, holder = _holders.get(key, (0.0, None))
    return holder if time.monotonic() < until else None


def look_up(key: str) -> KeyHolder | None:
    holder = keys.find(key)
    if holder is not None:
        if len(_holders) >= MOST_KEPT:
            _holders.clear()
        _holders[key] = (time.monotonic() + KEPT, holder)
    return holder


def look_up_alone(key: str) -> KeyHolder | None:
    """The same from a thread outside Django's requests, which must leave no stale connection.

    Raises Busy when the database does not answer.
    """
    connection.close_if_unusable_or_obsolete()
    try:
        return look_up(key)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        raise Busy from error


def refusal(holder: KeyHolder | None, scope: Scope) -> Problem | None:
    if holder is None:
        return Problem(
            "unauthenticated",
            "Send a valid API key: Authorization: Bearer pmk_….",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if scope not in holder.scopes:
        return Problem("forbidden", f"This API key does not have the scope {scope.value}.")
    return None
