"""Idempotency: the answer for a key is kept in the transaction of its claim, and given again
later."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from promint.core.models import KeptAnswer
from promint.core.rules import limits
from promint.core.storage import Insert, durable
from promint.core.storage import ask as ask_rows

INSERT = Insert(
    "core_keptanswer",
    {
        "key": "text",
        "owner": "text",
        "fingerprint": "bytea",
        "status": "smallint",
        "body": "bytea",
        "kept_at": "timestamptz",
        "managing": "boolean",
    },
)


class Answer(NamedTuple):
    """The answer to a caller. The core keeps it and does not look inside."""

    status: int
    body: bytes
    kept: bool = True  # whether the key is answered with it again


class Kept(NamedTuple):
    fingerprint: bytes
    answer: Answer
    for_a_day: bool = False  # True for all answers but those to claims, which are kept longer


def fingerprint(code: str, customer: str, validate_only: bool = False) -> bytes:
    """The fingerprint of a request. Equal if code, customer and path are equal as they were
    sent."""
    sent = code.encode(), customer.encode()
    path = b"validations " if validate_only else b""
    return hashlib.sha256(b"%b%d:%b%b" % (path, len(sent[0]), *sent)).digest()


def ask(keys: set[tuple[str, str]]) -> Callable[[], dict[tuple[str, str], Kept]]:
    """Ask for the kept answers, by (key, owner)."""
    found = ask_rows(
        "SELECT key, owner, fingerprint, status, body FROM core_keptanswer WHERE key IN {values}",
        sorted({key for key, _ in keys}),
    )
    return lambda: {
        (key, owner): Kept(bytes(digest), Answer(status, bytes(body)))
        for key, owner, digest, status, body in found()
        if (key, owner) in keys
    }


def find(keys: set[tuple[str, str]]) -> dict[tuple[str, str], Kept]:
    return ask(keys)()


def keep(answers: dict[tuple[str, str], Kept], now: datetime) -> None:
    """Keep the answers. If another process has just answered a key, this collides and the
    transaction is undone."""
    INSERT.many(
        [
            (
                key,
                owner,
                kept.fingerprint,
                kept.answer.status,
                kept.answer.body,
                now,
                kept.for_a_day,
            )
            for (key, owner), kept in sorted(answers.items())
        ]
    )


@durable
def forget_old(now: datetime, most: int) -> int:
    """Delete at most `most` answers that are too old and return how many were deleted."""
    gone: list[tuple[str, str]] = []
    for old in (
        KeptAnswer.objects.filter(kept_at__lt=now - limits.ANSWERS_KEPT),
        KeptAnswer.objects.filter(managing=True, kept_at__lt=now - limits.MANAGING_ANSWERS_KEPT),
    ):
        oldest = old.order_by("kept_at").only("key", "owner")
        gone += [row.pk for row in oldest[: most - len(gone)]]
    return KeptAnswer.objects.filter(pk__in=gone).delete()[0]
