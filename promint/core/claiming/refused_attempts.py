"""Refused attempts on known codes, for staff who answer a customer.

A code has sixteen slots, which its customers share. A slot keeps the latest attempt and counts all
of them.
"""

import zlib
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from promint.core.models import RefusedAttempt
from promint.core.rules import Verdict, limits
from promint.core.storage import Insert

_WRITE = Insert(
    "core_refusedattempt",
    {
        "code": "text",
        "slot": "smallint",
        "customer": "text",
        "verdict": "text",
        "refused_at": "timestamptz",
        "tries": "bigint",
    },
    "ON CONFLICT (code, slot) DO UPDATE SET customer = excluded.customer,"
    " verdict = excluded.verdict, refused_at = excluded.refused_at,"
    " tries = core_refusedattempt.tries + excluded.tries",
)


class Tried(NamedTuple):
    code: str  # canonical
    customer: str
    verdict: Verdict


def record(refused: list[Tried], now: datetime) -> None:
    latest: dict[tuple[str, int], tuple[Tried, int]] = {}
    for attempt in refused:
        place = attempt.code, _slot(attempt.customer)
        _, tries = latest.get(place, (attempt, 0))
        latest[place] = attempt, tries + 1
    _WRITE.many(
        [
            (code, slot, attempt.customer, attempt.verdict.value, now, tries)
            for (code, slot), (attempt, tries) in sorted(latest.items())
        ]
    )


def of_code(value: str) -> QuerySet[RefusedAttempt]:
    """The attempts that are kept for a canonical code, at most sixteen, newest first."""
    return RefusedAttempt.objects.filter(code=value).order_by("-refused_at", "slot")


def of_customer(customer: str) -> QuerySet[RefusedAttempt]:
    """A customer's refused attempts that are still the latest in their slot, newest first."""
    return RefusedAttempt.objects.filter(customer=customer).order_by("-refused_at", "code")


def _slot(customer: str) -> int:
    return zlib.crc32(customer.encode()) % limits.REFUSALS_KEPT_PER_CODE
