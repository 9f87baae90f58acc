"""Alert mails: a row for each address, written with what it is about; a worker sends them later."""

from django.db.models import QuerySet

from promint.core.models import Batch, Mail


def queue(batch: Batch, about: str) -> None:
    """Once for each address of the batch. `about`: finished or failed."""
    Mail.objects.bulk_create(
        [Mail(batch=batch, address=address, about=about) for address in batch.notify],
        ignore_conflicts=True,
    )


def waiting() -> QuerySet[Mail]:
    return Mail.objects.filter(status="pending").select_related("batch__list")
