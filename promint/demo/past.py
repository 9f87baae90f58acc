"""Moves what the demo made into the past, because verbs always write the present time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from promint.core.models import AuditEntry
from promint.core.storage import Identified
from promint.demo.campaigns import ZONE


@dataclass(frozen=True)
class Past:
    """The past, as seen from `now`, when the demo began to load."""

    now: datetime

    def day(self, days: int, hour: int = 0, minute: int = 0) -> datetime:
        """A time of day on the shops' clocks, `days` from today."""
        date = self.now.astimezone(ZONE).date() + timedelta(days=days)
        return datetime.combine(date, time(hour, minute), ZONE)

    def move(self, row: Identified, at: datetime, **more: Any) -> None:
        """Move a row that was just made, and its entries in the audit log."""
        type(row)._default_manager.filter(pk=row.pk).update(created_at=at, **more)
        self.move_entries(row.public_id, at)

    def move_entries(self, subject: str, at: datetime) -> None:
        """Move the entries that the audit log has about the subject since the demo began."""
        said = AuditEntry.objects.filter(subject=subject, created_at__gte=self.now)
        said.update(created_at=at)
