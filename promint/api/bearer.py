"""Finds the holder of a request's API key. A holder is remembered for half a second, so a
revoked key is refused within one second."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import InterfaceError, OperationalError, connection

from promint.accounts import keys
from promint.accounts.keys import KeyHolder
from promint.accounts.roles import Scope
from promint.api.problems import Problem
from promint.core.storage import Busy

NO_KEY = Problem(
    "unauthenticated",
    "Send a valid API key: Authorization: Bearer pmk_….",
    headers={"WWW-Authenticate": "Bearer"},
)
KEPT = 0.5  # seconds
MOST_KEPT = 10_000  # keys
_holders: dict[str, tuple[float, KeyHolder]] = {}
# Keys that were valid a moment ago do not wait behind a flood of invented ones.
_for_holders = ThreadPoolExecutor(2, thread_name_prefix="keys")
_for_others = ThreadPoolExecutor(2, thread_name_prefix="new-keys")
_look_ups: dict[str, asyncio.Future[KeyHolder | None]] = {}


def key_of(authorization: str) -> str:
    """The key in an Authorization header; empty if there is none."""
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def remembered(key: str) -> KeyHolder | None:
    """The holder of a key that was looked up a moment ago; None if the database must be asked."""
    until, holder = _holders.get(key, (0.0, None))
    return holder if time.monotonic() < until else None


async def holder_of(key: str) -> KeyHolder | None:
    """The holder of a key, within an event loop. Requests that wait for the same key share one
    look-up.

    Raises Busy if the database does not answer.
    """
    holder = remembered(key)
    if holder is not None or not keys.well_formed(key):
        return holder
    return await asyncio.shield(_look_up_under_way(key))


def renew(key: str) -> None:
    """Within an event loop: look a remembered key up again when half of its time is over, so that
    nobody has to wait for that."""
    until, _ = _holders.get(key, (0.0, None))
    if until - time.monotonic() < KEPT / 2:
        _look_up_under_way(key)


def _look_up_under_way(key: str) -> asyncio.Future[KeyHolder | None]:
    if key not in _look_ups:
        threads = _for_holders if key in _holders else _for_others
        look_up = asyncio.get_running_loop().run_in_executor(threads, _look_up_alone, key)
        _look_ups[key] = look_up
        look_up.add_done_callback(partial(_ended, key))
    return _look_ups[key]


def _ended(key: str, look_up: asyncio.Future[KeyHolder | None]) -> None:
    del _look_ups[key]
    if not look_up.cancelled():
        look_up.exception()  # whoever waits for it is told; perhaps nobody does


def look_up(key: str) -> KeyHolder | None:
    holder = keys.find(key)
    if holder is not None:
        if len(_holders) >= MOST_KEPT:
            _holders.clear()
        _holders[key] = (time.monotonic() + KEPT, holder)
    else:
        _holders.pop(key, None)
    return holder


def _look_up_alone(key: str) -> KeyHolder | None:
    """The same as `look_up`, in a thread outside Django's requests, where stale connections must be
    closed.

    Raises Busy if the database does not answer.
    """
    connection.close_if_unusable_or_obsolete()
    try:
        return look_up(key)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        raise Busy from error


def refusal(holder: KeyHolder | None, *scopes: Scope) -> Problem | None:
    """Why the request is refused; None if it is not. `scopes`: one of them is enough."""
    if holder is None:
        return NO_KEY
    if holder.scopes.isdisjoint(scopes):
        named = " or ".join(scope.value for scope in scopes)
        return Problem("forbidden", f"This API key does not have the scope {named}.")
    return None
