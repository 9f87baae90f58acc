"""Runs each verb in one durable transaction."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.db import (
    Error,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)

from promint.core import measures
from promint.core.storage.vendor import on_postgresql

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

RETRIES = 3
# Serialization failure, deadlock, idle in transaction for too long: the server has undone it.
_RETRIED_STATES = {"40001", "40P01", "25P03"}
_HELD_UP_STATE = "55P03"  # lock not available
_LOST_STATES = "08"  # and what follows
_READ_ONLY_STATE = "25006"  # this server takes no changes any more, because another one does
# Statement timeout, too many connections, no space, starting up, shutting down.
_BUSY_STATES = {"57014", "53300", "53100", "57P01", "57P02", "57P03"}
_BUSY_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}


class Busy(Exception):
    """The database had no time, space or connection. Nothing was changed; trying again is safe."""


class HeldUp(Busy):
    """Another transaction holds a lock for longer than this connection waits."""


class OutcomeUnknown(Exception):
    """The connection was lost during the commit. Only a look at the data can tell what happened."""


def durable(verb: Callable[P, R]) -> Callable[P, R]:
    """Run the verb in a transaction of its own, again after a deadlock or a lost connection.

    Raises Busy if nothing was changed, and OutcomeUnknown if that cannot be known. A verb whose
    commit was sent is not run again, because it might then happen twice. Within `joined`, the verb
    is a part of the transaction that is open.
    """

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _joined.get():
            with transaction.atomic():  # if it raises, only its own changes are undone
                return verb(*args, **kwargs)
        for retries_left in reversed(range(RETRIES + 1)):
            try:
                return _once(verb, *args, **kwargs)
            except _Again as again:
                if not retries_left:
                    log.warning("Gave up after %d tries: %s", RETRIES + 1, verb.__name__)
                    raise Busy from again
                time.sleep(random.uniform(0.002, 0.03))  # noqa: S311 (no secret)
        raise AssertionError("unreachable")

    return run


_joined: ContextVar[bool] = ContextVar("joined", default=False)


@contextmanager
def joined() -> Iterator[None]:
    """Verbs that a durable verb calls within this block commit with it, or not at all."""
    token = _joined.set(True)
    try:
        yield
    finally:
        _joined.reset(token)


# None where nobody notes it, as in a worker.
_has_committed: ContextVar[bool | None] = ContextVar("has_committed", default=None)


@contextmanager
def noting_commits() -> Iterator[None]:
    """Within this block, `has_committed` says whether a durable verb was committed in it."""
    token = _has_committed.set(False)
    try:
        yield
    finally:
        _has_committed.reset(token)


def has_committed() -> bool:
    """Whether the request that failed just now may have changed something before it did."""
    return _has_committed.get() is True


def is_joined() -> bool:
    """Whether a verb called now is a part of a transaction that is open."""
    return _joined.get()


class _Again(Exception):
    pass


def _once(verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    committing = False
    try:
        with transaction.atomic(durable=True):
            result = verb(*args, **kwargs)
            committing, began = True, time.perf_counter()
        if _has_committed.get() is False:
            _has_committed.set(True)
        measures.committed(verb.__name__, time.perf_counter() - began)
        return result
    except (OperationalError, InterfaceError, InternalError) as error:
        connection.close_if_unusable_or_obsolete()
        meaning = _meaning(error, committing)
        log.warning("%s: %s", type(meaning).__name__.strip("_"), said(error))
        raise meaning from error


def _meaning(error: Error, committing: bool) -> Exception:
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY_SQLITE:
            return Busy()
        return OutcomeUnknown() if committing else error
    state = getattr(cause, "sqlstate", None)
    if state in _RETRIED_STATES:
        return _Again()
    if state == _READ_ONLY_STATE:
        connection.close()  # the next one is to a server that takes changes
        return _Again()
    if state == _HELD_UP_STATE and not committing:
        return HeldUp()
    if state in _BUSY_STATES and not committing:
        return Busy()
    # The connection is lost, or was never made: no answer, or a pooler answers instead.
    if state is None or state.startswith(_LOST_STATES):
        return OutcomeUnknown() if committing else _Again()
    return OutcomeUnknown() if committing and state.startswith("57") else error


def said(error: Exception) -> str:
    """The database's message without its details, which may quote a code."""
    cause = error.__cause__ or error
    primary: str | None = getattr(getattr(cause, "diag", None), "message_primary", None)
    return primary or str(cause).partition("\n")[0]


def wait_for_locks(at_most: str) -> None:
    """Let this thread's connection, which is not open yet, wait only so long for a lock of
    PostgreSQL, such as "300ms"."""
    if on_postgresql():
        cast(Any, connection).lock_timeout = at_most


def confirm_what_was_read() -> None:
    """Let the commit wait until standby servers have everything that this transaction has read.

    A commit whose waiting was cut off can be read although a failover may still lose it. A
    transaction that only reads waits for nobody, so this one writes a message, which changes no
    row, to the server's log.
    """
    if on_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_logical_emit_message(true, 'promint', '')")


def hold(name: str) -> None:
    """Lock a name until the transaction ends. Taken after the locks of counters.

    On SQLite the transaction itself keeps all other writers out.
    """
    if on_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
