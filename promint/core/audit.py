"""The audit log: an entry beside every change, written in the change's own transaction."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from promint.core.clock import database_now
from promint.core.models import AuditEntry


def record(
    actor: str,
    action: str,
    subject: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    AuditEntry.objects.create(
        created_at=at or database_now(),
        actor=actor,
        action=action,
        subject=subject,
        before=before,
        after=after,
    )


def about(subject: str) -> QuerySet[AuditEntry]:
    """All that was done to one thing, newest first."""
    return AuditEntry.objects.filter(subject=subject).order_by("-created_at", "id")
