"""Alert mails: a row for each address, written in the same transaction as the change. A worker
sends them later."""

from collections.abc import Iterable

from django.db.models import QuerySet

from promint.core.models import Batch, Mail


def queue(batch: Batch, about: str) -> None:
    """Queue a mail for each address of the batch. `about`: finished or failed."""
    Mail.objects.bulk_create(
        [Mail(batch=batch, address=address, about=about) for address in batch.notify],
        ignore_conflicts=True,
    )


def waiting() -> QuerySet[Mail]:
    return Mail.objects.filter(status="pending").select_related("batch__list")


def troubles(batches: Iterable[Batch]) -> dict[int, list[Mail]]:
    """By batch, the alerts that a mail server has refused or not accepted so far."""
    found: dict[int, list[Mail]] = {}
    unsent = Mail.objects.filter(batch__in=list(batches)).exclude(error=None).exclude(status="sent")
    for mail in unsent.order_by("address", "about"):
        found.setdefault(mail.batch_id, []).append(mail)
    return found
