"""What waits for workers, according to the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Coalesce

from promint.accounts import mails
from promint.core import bulk_handouts, exports
from promint.core.codes import batches, cancellations
from promint.core.events import alerts, deliveries
from promint.core.storage import database_now


@dataclass(frozen=True)
class Queue:
    waiting: int
    oldest_seconds: float  # 0 if nothing waits


@dataclass(frozen=True)
class Facts:
    queues: dict[str, Queue]  # by kind
    rows: dict[tuple[str, str], int]  # of batches, by source and by created or rejected


def now() -> Facts:
    at = database_now()
    queues = {kind: _queue(jobs, at) for kind, jobs in _jobs().items()}
    queues["webhook"] = _as_queue(*deliveries.waiting(), at)
    return Facts(queues, batches.rows_so_far())


def _jobs() -> dict[str, QuerySet[Any]]:
    return {
        "generation": batches.waiting("generated"),
        "upload": batches.waiting("upload"),
        "export": exports.waiting(),
        "handouts": bulk_handouts.waiting(),
        "cancellation": cancellations.waiting().annotate(
            since=Coalesce("undo_asked_at", "decided_at", "created_at")
        ),
        "alert_mail": alerts.waiting(),
        "account_mail": mails.waiting(),
    }


def _queue(jobs: QuerySet[Any], at: datetime) -> Queue:
    since = "since" if "since" in jobs.query.annotations else "created_at"
    found = jobs.select_related(None).aggregate(waiting=Count("id"), oldest=Min(since))
    return _as_queue(found["waiting"], found["oldest"], at)


def _as_queue(waiting: int, oldest: datetime | None, at: datetime) -> Queue:
    age = 0.0 if oldest is None else (at - oldest).total_seconds()
    return Queue(waiting, max(0.0, age))
