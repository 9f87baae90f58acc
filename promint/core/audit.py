"""The audit log: an entry beside every change, written in the change's own transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from promint.core.models import (
    AuditEntry,
    Batch,
    BulkHandout,
    Cancellation,
    Export,
    Offer,
    PromoList,
)
from promint.core.rules import ids, not_found
from promint.core.storage import database_now

LOOKED_AT = 50  # the newest entries about one subject
NAMESAKES = 100  # lists and offers of one name


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
    """The entries about one subject, newest first."""
    return AuditEntry.objects.filter(subject=subject).order_by("-created_at", "id")


def last_change(subject: str, field: str) -> AuditEntry | None:
    """The newest change of a field; None if none of the last LOOKED_AT entries is one."""
    entries = about(subject).filter(before__isnull=False, after__isnull=False)[:LOOKED_AT]
    return next((one for one in entries if _changed(one, field)), None)


def _changed(entry: AuditEntry, field: str) -> bool:
    return bool((entry.before or {}).get(field) != (entry.after or {}).get(field))


@dataclass(frozen=True)
class EntryFilter:
    """Which entries to search for. An empty field leaves no entry out. Times are in `[since,
    until)`."""

    actors: frozenset[str] = frozenset()
    action: str = ""
    subjects: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


def search(wanted: EntryFilter, before: AuditEntry | None) -> QuerySet[AuditEntry]:
    """The matching entries, newest first; if `before` is given, only those older than it."""
    found = AuditEntry.objects.order_by("-created_at", "-id")
    if wanted.actors:
        found = found.filter(actor__in=wanted.actors)
    if wanted.action:
        found = found.filter(action=wanted.action)
    if wanted.subjects:
        found = found.filter(subject__in=wanted.subjects)
    if wanted.since is not None:
        found = found.filter(created_at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(created_at__lt=wanted.until)
    if before is not None:
        older = Q(created_at__lt=before.created_at) | Q(
            created_at=before.created_at, id__lt=before.id
        )
        found = found.filter(older, created_at__lte=before.created_at)
    return found


def find(public_id: str) -> AuditEntry:
    key = ids.key_of(AuditEntry.PREFIX, public_id)
    found = None if key is None else AuditEntry.objects.filter(id=key).first()
    if found is None:
        raise not_found("entry")
    return found


Named = PromoList | Batch | BulkHandout | Cancellation | Export | Offer


def named(public_ids: Iterable[str]) -> dict[str, Named]:
    """The rows that these public ids stand for, as far as they exist. One query for each kind of
    row."""
    public_ids = list(public_ids)
    rows: list[Named] = [
        *PromoList.objects.in_bulk(ids.keys_of(PromoList.PREFIX, public_ids)).values(),
        *Offer.objects.in_bulk(ids.keys_of(Offer.PREFIX, public_ids)).values(),
    ]
    for kind in (Batch, BulkHandout, Export):
        found = kind.objects.select_related("list")
        rows.extend(found.in_bulk(ids.keys_of(kind.PREFIX, public_ids)).values())
    cancellations = Cancellation.objects.select_related("list", "batch").defer("named")
    rows.extend(cancellations.in_bulk(ids.keys_of(Cancellation.PREFIX, public_ids)).values())
    return {row.public_id: row for row in rows}


def ids_of_name(name: str) -> list[str]:
    """The public ids of lists and offers of that name, in capital or small letters."""
    of_name: list[QuerySet[PromoList] | QuerySet[Offer]] = [
        PromoList.objects.filter(name__iexact=name),
        Offer.objects.filter(name__iexact=name),
    ]
    return [row.public_id for rows in of_name for row in rows.only("id")[:NAMESAKES]]


def deleted_lists(public_ids: Iterable[str]) -> dict[str, str]:
    """The names that lists had when they were deleted, by public id."""
    of_lists = [one for one in public_ids if one.startswith(f"{PromoList.PREFIX}_")]
    deleted = AuditEntry.objects.filter(action="list.deleted", subject__in=of_lists)
    return {entry.subject: (entry.before or {}).get("name", "") for entry in deleted}
