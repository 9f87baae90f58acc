"""Deliveries of events: taken by workers in runs, tried again after a failure, sent again on
request, and deleted later.

For each endpoint and list, a worker takes the earliest waiting delivery with those that follow it,
so events are never sent out of order. The lease on the first row counts for all of them. A worker
that is killed loses it, and what it sent but did not note is sent again.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from promint.core import audit, failpoints
from promint.core.events import endpoints
from promint.core.rules import ids, limits, not_found, webhooks
from promint.core.storage import database_now, durable, moment
from promint.core.webhook_tables import Delivery, Webhook

LEASE = timedelta(seconds=60)
RUN = 100  # deliveries sent before their results are noted, at most

# Selects the earliest waiting delivery of each endpoint and list. It goes from one to the next by
# the index, however many deliveries wait behind each.
_FIRST = """
WITH RECURSIVE first(id) AS (
  SELECT * FROM (
    SELECT id FROM core_delivery WHERE status = 'pending' ORDER BY webhook_id, list_id, id LIMIT 1
  ) AS earliest
  UNION ALL
  SELECT (
    SELECT n.id FROM core_delivery n
    WHERE n.status = 'pending' AND (n.webhook_id, n.list_id) > (d.webhook_id, d.list_id)
    ORDER BY n.webhook_id, n.list_id, n.id LIMIT 1
  )
  FROM first JOIN core_delivery d ON d.id = first.id
)
SELECT d.id, d.webhook_id FROM first
JOIN core_delivery d ON d.id = first.id
JOIN core_webhook w ON w.id = d.webhook_id
WHERE d.due_at <= %s AND (d.leased_until IS NULL OR d.leased_until < %s)
AND (w.status = 'active' OR (d.list_id = 0 AND w.status <> 'deleted'))
ORDER BY d.due_at, d.id
"""


# Of each active endpoint and list, when the earliest waiting delivery was written.
_OLDEST = (
    _FIRST.partition("SELECT d.id")[0]
    + """
SELECT MIN(d.created_at) FROM first
JOIN core_delivery d ON d.id = first.id
JOIN core_webhook w ON w.id = d.webhook_id
WHERE w.status = 'active' OR (d.list_id = 0 AND w.status <> 'deleted')
"""
)
MOST_COUNTED = 100_000


@dataclass(frozen=True)
class Run:
    """Deliveries to one endpoint about one list, in order. `secrets`: those that sign them; empty
    if they cannot be decrypted."""

    webhook: Webhook
    secrets: list[str]
    deliveries: list[Delivery]

    @property
    def first(self) -> Delivery:
        return self.deliveries[0]


@dataclass(frozen=True)
class Tried:
    """The result of one try. `error`: a sentence that says why it did not arrive."""

    delivery: Delivery
    status: int | None = None
    answer: str = ""
    error: str | None = None

    @property
    def gone(self) -> bool:
        return self.status == 410


@durable
def take(most: int, at_once: int, under_way: dict[int, int]) -> list[Run]:
    """Runs that are due; those that have waited longest come first. `at_once`: the most runs of
    one endpoint at the same time, including those `under_way` (by endpoint)."""
    now = database_now()
    runs: list[Run] = []
    taken = dict(under_way)
    for delivery_id, webhook_id in _due(now):
        if len(runs) == most:
            break
        if taken.get(webhook_id, 0) < at_once and _lease(delivery_id, now):
            taken[webhook_id] = taken.get(webhook_id, 0) + 1
            runs.append(_run(delivery_id))
    return runs


def waiting() -> tuple[int, datetime | None]:
    """How many deliveries wait (at most MOST_COUNTED are counted), and since when the oldest
    does. Those of endpoints that are paused or disabled do not count."""
    active = Webhook.objects.filter(status="active").values_list("id", flat=True)
    pending = Delivery.objects.filter(status="pending", webhook__in=list(active))
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        (oldest,) = cursor.fetchone()
    return pending[:MOST_COUNTED].count(), None if oldest is None else moment(oldest)


def _due(now: datetime) -> list[tuple[int, int]]:
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [at, at])
        return list(cursor.fetchall())


def _lease(delivery_id: int, now: datetime) -> bool:
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    waiting = Delivery.objects.filter(free, id=delivery_id, status="pending")
    found = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if found is None:
        return False
    waiting.update(leased_until=now + LEASE, fence=found.fence + 1)
    return True


def _run(delivery_id: int) -> Run:
    first = Delivery.objects.select_related("webhook").get(id=delivery_id)
    behind = Delivery.objects.filter(
        webhook=first.webhook, list_id=first.list_id, status="pending", id__gt=first.id
    )
    deliveries = [first, *behind.order_by("id")[: RUN - 1]]
    return Run(first.webhook, endpoints.secrets_of(first.webhook), deliveries)


@durable
def settle(run: Run, tried: list[Tried]) -> None:
    """Note the results of a run: those that arrived, and perhaps a last one that did not. Does
    nothing if another worker has taken the run."""
    if not _still_ours(run):
        return
    now = database_now()
    _note_arrived([one for one in tried if one.error is None], now)
    for one in tried:
        if one.error is not None:
            _note_failed(one, now)
    Delivery.objects.filter(id=run.first.id, status="pending").update(leased_until=None)
    failpoints.reach("webhooks.before_note")


def _still_ours(run: Run) -> bool:
    held = Delivery.objects.filter(id=run.first.id, fence=run.first.fence, status="pending")
    return held.select_for_update().exists()


def _note_arrived(tried: list[Tried], now: datetime) -> None:
    for one in tried:
        one.delivery.status, one.delivery.finished_at, one.delivery.error = "delivered", now, None
        one.delivery.attempts += 1
        one.delivery.answer_status, one.delivery.answer = one.status, one.answer
    if tried:
        Delivery.objects.bulk_update(
            [one.delivery for one in tried],
            ["status", "finished_at", "error", "attempts", "answer_status", "answer"],
        )


def _note_failed(one: Tried, now: datetime) -> None:
    attempts = one.delivery.attempts + 1
    wait = None if one.gone else webhooks.again_in(attempts, random.random())  # noqa: S311
    Delivery.objects.filter(id=one.delivery.id).update(
        attempts=attempts,
        answer_status=one.status,
        answer=one.answer,
        error=(one.error or "")[:500],
        status="failed" if wait is None else "pending",
        finished_at=now if wait is None else None,
        due_at=now if wait is None else now + wait,
    )
    if one.gone:
        _disable(one.delivery.webhook_id)


def _disable(webhook_id: int) -> None:
    """Disable an endpoint that has answered that it is gone for good (410)."""
    active = Webhook.objects.filter(id=webhook_id, status__in=("active", "paused"))
    for webhook in active.select_for_update():
        active.update(status="disabled")
        audit.record("worker", "webhook.disabled", webhook.public_id, after={"answer": 410})


@durable
def put_back(run: Run) -> None:
    """Let other workers take the run at once."""
    held = Delivery.objects.filter(id=run.first.id, fence=run.first.fence, status="pending")
    held.update(leased_until=None)


def of_webhook(webhook: Webhook, before: int | None, status: str = "") -> QuerySet[Delivery]:
    """The deliveries to an endpoint before a number, newest first."""
    found = Delivery.objects.filter(webhook=webhook).order_by("-id").select_related("webhook")
    if before is not None:
        found = found.filter(id__lt=before)
    return found.filter(status=status) if status else found


def find(webhook: Webhook, public_id: str) -> Delivery:
    key = ids.key_of(Delivery.PREFIX, public_id)
    found = None if key is None else Delivery.objects.filter(id=key, webhook=webhook).first()
    if found is None:
        raise not_found("delivery")
    return found


@durable
def resend(webhook_id: str, delivery_id: str, actor: str) -> Delivery:
    """Send a delivery again. One that waits is tried at once and keeps its place. One that is
    done is queued again with the same event id, behind those that wait. Raises Refused."""
    webhook = endpoints.find(webhook_id)
    delivery = find(webhook, delivery_id)
    now = database_now()
    audit.record(actor, "webhook.resent", webhook_id, after={"delivery": delivery_id})
    if Delivery.objects.filter(id=delivery.id, status="pending").update(due_at=now):
        return find(webhook, delivery_id)
    return Delivery.objects.create(
        webhook=webhook,
        list_id=delivery.list_id,
        event=delivery.event,
        event_id=delivery.event_id,
        created_at=now,
        due_at=now,
        body=delivery.body,
    )


@durable
def forget_old(now: datetime, most: int) -> int:
    """Delete deliveries that are too old, sent or not, or whose endpoint was deleted. Returns
    how many."""
    oldest = Delivery.objects.order_by("id").values("id", "created_at")[:most]
    old = [row["id"] for row in oldest if moment(row["created_at"]) < now - limits.DELIVERIES_KEPT]
    gone, _ = Delivery.objects.filter(id__in=old).delete()
    for webhook in Webhook.objects.filter(status="deleted"):
        left = Delivery.objects.filter(webhook=webhook).values_list("id", flat=True)[:most]
        deleted, _ = Delivery.objects.filter(id__in=list(left)).delete()
        gone += deleted
        if not deleted:
            webhook.delete()
    return gone
