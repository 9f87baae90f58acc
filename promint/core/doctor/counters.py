"""Compares counters with the rows that they count. Used by the doctor only, since it reads every
code and claim."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, models

from promint.core.models import Batch, ClaimHour, Customer, ListCounter, PromoList
from promint.core.rules import BatchStatus, ids
from promint.core.storage import moment

_CODES = (
    "SELECT list_id, batch_id, COUNT(*), COUNT(cancelled_at) FROM core_code"
    " GROUP BY batch_id, list_id"
)
# A claim whose code is available again does not count.
_CLAIMS = """
SELECT list_id, CAST(SUM(made) AS bigint) FROM (
    SELECT list_id, COUNT(*) AS made FROM core_claim GROUP BY list_id
    UNION ALL
    SELECT list_id, -COUNT(*) FROM core_reversal WHERE available_again GROUP BY list_id
) counted GROUP BY list_id
"""
# Codes that were handed out and are claimed or cancelled.
_HANDED_OUT_GONE = """
SELECT h.list_id, COUNT(*) FROM core_handout h JOIN core_code c ON c.value = h.code
WHERE c.cancelled_at IS NOT NULL OR EXISTS (
    SELECT 1 FROM core_claim k WHERE k.code = h.code AND NOT EXISTS (
        SELECT 1 FROM core_reversal r WHERE r.code = k.code AND r.customer = k.customer
        AND r.round = k.round AND r.available_again)
) GROUP BY h.list_id
"""
_REJECTED = "SELECT batch_id, COUNT(*) FROM core_rejectedrow GROUP BY batch_id"
_HOUR = {
    "postgresql": "date_trunc('hour', claimed_at, 'UTC')",
    "sqlite": "substr(claimed_at, 1, 13) || ':00:00'",
}
_HOURS = """
SELECT list_id, hour, SUM(stored), SUM(made) FROM (
    SELECT list_id, hour, claims AS stored, 0 AS made FROM core_claimhour
    UNION ALL
    SELECT list_id, {hour} AS hour, 0, COUNT(*) FROM core_claim GROUP BY list_id, {hour}
) counted GROUP BY list_id, hour HAVING SUM(stored) <> SUM(made) ORDER BY list_id, hour
"""
_CUSTOMERS = """
SELECT customer, SUM(points), SUM(ledger), SUM(claims), SUM(made) FROM (
    SELECT id AS customer, points, 0 AS ledger, claims, 0 AS made FROM core_customer
    UNION ALL
    SELECT customer, 0, SUM(points), 0, 0 FROM core_pointsentry GROUP BY customer
    UNION ALL
    SELECT customer, 0, 0, 0, COUNT(*) FROM core_claim GROUP BY customer
    UNION ALL
    SELECT customer, 0, 0, 0, -COUNT(*) FROM core_reversal GROUP BY customer
) counted GROUP BY customer
HAVING SUM(points) <> SUM(ledger) OR SUM(claims) <> SUM(made) ORDER BY customer
"""


class CodesOfBatch(NamedTuple):
    list_id: int
    batch_id: int | None  # None for the code of a multi use list
    codes: int
    cancelled: int


@dataclass(frozen=True)
class Facts:
    """How many rows the big tables hold, counted once."""

    codes: list[CodesOfBatch]
    claims: dict[int, int]  # by list
    rejected: dict[int, int]  # rows of uploads, by batch
    handed_out_gone: dict[int, int]  # codes, by list


@dataclass(frozen=True)
class WrongCounter:
    """A row whose counters differ from the facts. `key` finds it; it may be missing."""

    model: type[models.Model]
    key: dict[str, Any]
    subject: str
    stored: dict[str, int]
    facts: dict[str, int]

    @property
    def differences(self) -> dict[str, int]:
        """What has to be added to each wrong counter."""
        found = {name: self.facts[name] - stored for name, stored in self.stored.items()}
        return {name: difference for name, difference in found.items() if difference}


def read() -> Facts:
    codes = [CodesOfBatch(*row) for row in _rows(_CODES)]
    claims, rejected = dict(_rows(_CLAIMS)), dict(_rows(_REJECTED))
    return Facts(codes, claims, rejected, dict(_rows(_HANDED_OUT_GONE)))


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def wrong_counters(facts: Facts) -> Iterator[WrongCounter]:
    yield from wrong_lists(facts)
    yield from wrong_batches(facts)
    yield from wrong_hours()
    yield from wrong_customers()


def wrong_lists(facts: Facts) -> Iterator[WrongCounter]:
    active = set(Batch.objects.filter(status=BatchStatus.ACTIVE).values_list("id", flat=True))
    codes: Counter[int] = Counter()
    cancelled: Counter[int] = Counter()
    for group in facts.codes:
        if group.batch_id is None or group.batch_id in active:
            codes[group.list_id] += group.codes
            cancelled[group.list_id] += group.cancelled
    for counter in ListCounter.objects.order_by("list"):
        key = counter.list_id
        counted = {
            "claims": facts.claims.get(key, 0),
            "codes": codes[key],
            "cancelled": cancelled[key],
            "handed_out_gone": facts.handed_out_gone.get(key, 0),
        }
        subject = f"list {ids.public(PromoList.PREFIX, key)}"
        yield from _if_wrong(
            ListCounter, {"list_id": key}, subject, _stored(counter, counted), counted
        )


def wrong_batches(facts: Facts) -> Iterator[WrongCounter]:
    codes: Counter[int | None] = Counter()
    cancelled: Counter[int | None] = Counter()
    for group in facts.codes:
        codes[group.batch_id] += group.codes
        cancelled[group.batch_id] += group.cancelled
    for batch in Batch.objects.order_by("list", "number"):
        counted = {
            "created": codes[batch.id],
            "cancelled": cancelled[batch.id],
            "rejected": facts.rejected.get(batch.id, 0),
        }
        subject = f"batch {batch.public_id}"
        yield from _if_wrong(Batch, {"id": batch.id}, subject, _stored(batch, counted), counted)


def wrong_hours() -> Iterator[WrongCounter]:
    for list_id, hour, stored, made in _rows(_HOURS.format(hour=_HOUR[connection.vendor])):
        subject = f"list {ids.public(PromoList.PREFIX, list_id)} at {hour}"
        key = {"list_id": list_id, "hour": moment(hour)}
        yield WrongCounter(ClaimHour, key, subject, {"claims": int(stored)}, {"claims": int(made)})


def wrong_customers() -> Iterator[WrongCounter]:
    for customer, points, ledger, claims, made in _rows(_CUSTOMERS):
        stored = {"points": int(points), "claims": int(claims)}
        counted = {"points": int(ledger), "claims": int(made)}
        yield WrongCounter(Customer, {"id": customer}, f"customer {customer}", stored, counted)


def _stored(row: models.Model, names: dict[str, int]) -> dict[str, int]:
    return {name: getattr(row, name) for name in names}


def _if_wrong(
    model: type[models.Model],
    key: dict[str, Any],
    subject: str,
    stored: dict[str, int],
    facts: dict[str, int],
) -> Iterator[WrongCounter]:
    if stored != facts:
        yield WrongCounter(model, key, subject, stored, facts)
