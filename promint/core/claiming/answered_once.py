"""Idempotency of all requests except claims: the effect of a request and its kept answer are
committed together."""

from collections.abc import Callable

from django.db import connection

from promint.core import failpoints
from promint.core.claiming import kept_answers
from promint.core.claiming.kept_answers import Answer, Kept
from promint.core.models import KeptAnswer
from promint.core.storage import Busy, confirm_what_was_read, database_now, durable, joined

_UNANSWERED = 0  # a status that nobody sees, because it is replaced before the commit
_RESERVE = (
    "INSERT INTO core_keptanswer (key, owner, fingerprint, status, body, kept_at, managing)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING status"
)


@durable
def answered_once(
    key: tuple[str, str],
    fingerprint: bytes,
    act: Callable[[], Answer],
) -> Kept | Answer:
    """The answer of `act`, whose verbs are committed with it; Kept if the key was answered before.

    `key`: the idempotency key and its owner. A second request with the same key waits until the
    first one commits. `act` must write only through verbs, and may run again after a deadlock undid
    what it wrote. Raises Busy, OutcomeUnknown, or what `act` raises: then nothing happened and
    nothing is kept.
    """
    if not _reserve(key, fingerprint):
        return _given_before(key)
    with joined():
        answer = act()
    KeptAnswer.objects.filter(pk=key).update(status=answer.status, body=answer.body)
    failpoints.reach("answered_once.before_commit")
    return answer


def answered_before(key: tuple[str, str]) -> Kept | None:
    """The answer that the key got before. Raises Busy or OutcomeUnknown if it cannot be said yet
    whether that answer will last."""
    return durable(_given_before)(key) if kept_answers.find({key}) else None


def _given_before(key: tuple[str, str]) -> Kept:
    kept = kept_answers.find({key}).get(key)
    if kept is None:  # it was deleted for its age at this very moment
        raise Busy
    confirm_what_was_read()
    return kept


def _reserve(key: tuple[str, str], fingerprint: bytes) -> bool:
    """Insert a row for the key. False if the key is taken. Waits for a transaction that is
    taking it."""
    now = connection.ops.adapt_datetimefield_value(database_now())
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [*key, fingerprint, _UNANSWERED, b"", now, True])
        return cursor.fetchone() is not None
