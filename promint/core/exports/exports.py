"""Exports: the codes of a batch or a list, or the claims of a list, as a file, which is requested,
made by a worker, downloaded, and deleted after a day."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db.models import QuerySet, Sum

from promint.core import audit, lists, shared_files
from promint.core.codes import batches
from promint.core.exports.files import FORMATS
from promint.core.models import Batch, ClaimHour, Export, PromoList
from promint.core.rules import (
    BatchStatus,
    ListType,
    Refusal,
    Refused,
    ids,
    invalid,
    limits,
    not_found,
)
from promint.core.storage import database_now, durable, jobs, stored_files

STATUSES = ("available", "claimed", "cancelled")


@dataclass(frozen=True)
class Only:
    """Which codes an export is limited to, as they are when it is requested. None means all."""

    status: str | None = None
    handed_out: bool | None = None


ALL = Only()
CODES, CLAIMS = "codes", "claims"


def request_batch(batch_id: str, format: str, actor: str, only: Only = ALL) -> Export:
    """Request a file of the codes of an active batch. Raises Refused."""
    batch = batches.find(batch_id)
    return _request(batch.list, batch, format, actor, only)


def request_list(list_id: str, format: str, actor: str, only: Only = ALL) -> Export:
    """Request a file of the codes of all active batches, or of a multi use list's code. Raises
    Refused."""
    return _request(lists.find(list_id), None, format, actor, only)


def request_claims(list_id: str, format: str, actor: str) -> Export:
    """Request a file of the claims of a list, those that were taken back too. Raises Refused."""
    return _request(lists.find(list_id), None, format, actor, ALL, what=CLAIMS)


@durable
def _request(
    promo_list: PromoList,
    batch: Batch | None,
    format: str,
    actor: str,
    only: Only,
    what: str = CODES,
) -> Export:
    _check(format, only)
    # With this lock, all claims and cancellations before this moment are committed, and later ones
    # have a later time.
    lists.lock_counter(promo_list.id)
    now = database_now()
    export = Export(
        list=promo_list,
        batch=batch,
        what=what,
        format=format,
        only_status=only.status,
        only_handed_out=only.handed_out,
        quantity=_claims(promo_list) if what == CLAIMS else _codes(promo_list, batch, now),
        created_by=actor,
        created_at=now,
        stepped_at=now,
    )
    if format == "xls" and export.quantity > limits.XLS_CODES:
        raise _too_many_for_xls(export)
    export.save(force_insert=True)
    audit.record(actor, "export.requested", export.public_id, after=described(export), at=now)
    return export


def _check(format: str, only: Only) -> None:
    wrong = {}
    if format not in FORMATS:
        wrong["format"] = f"Use one of these: {', '.join(FORMATS)}."
    if only.status not in (None, *STATUSES):
        wrong["status"] = f"Use one of these: {', '.join(STATUSES)}."
    if wrong:
        raise invalid(wrong)


def _claims(promo_list: PromoList) -> int:
    """How many claims the list ever had, from the counters of its hours."""
    hours = ClaimHour.objects.filter(list=promo_list)
    total: int | None = hours.aggregate(total=Sum("claims"))["total"]
    return total or 0


def _codes(promo_list: PromoList, batch: Batch | None, now: datetime) -> int:
    """How many codes the export will hold; if it is limited, how many at most."""
    if promo_list.type == ListType.MULTI_USE:
        return 1
    of_list = Batch.objects.filter(list=promo_list)
    wanted = of_list if batch is None else of_list.filter(id=batch.id)
    active = active_at(wanted, now)
    if not active.exists() and wanted.exists():
        raise Refused(
            Refusal.BATCH_PENDING,
            "Its codes are not complete yet. They can be exported once the batch is active.",
        )
    total: int | None = active.aggregate(total=Sum("created"))["total"]
    return total or 0


def active_at(wanted: QuerySet[Batch], moment: datetime) -> QuerySet[Batch]:
    return wanted.filter(status=BatchStatus.ACTIVE, finished_at__lte=moment)


def _too_many_for_xls(export: Export) -> Refused:
    message = (
        f"An .xls file holds at most {limits.XLS_CODES:,} {export.what}, and these are"
        f" {export.quantity:,}. Export them as .xlsx or .csv."
    )
    return Refused(Refusal.TOO_MANY_FOR_XLS, message, {"format": message})


def described(export: Export) -> dict[str, Any]:
    """The export for the audit log."""
    only = {"only_status": export.only_status, "only_handed_out": export.only_handed_out}
    what = {} if export.what == CODES else {"what": export.what}
    return {name: value for name, value in only.items() if value is not None} | {
        **what,
        "list": export.list.public_id,
        "batch": export.batch.public_id if export.batch else None,
        "format": export.format,
        **({} if export.sheet is None else export.sheet),
    }


def find(public_id: str) -> Export:
    key = ids.key_of(Export.PREFIX, public_id)
    exports = Export.objects.select_related("list", "batch")
    found = None if key is None else exports.filter(id=key).first()
    if found is None:
        raise not_found("export")
    return found


def waiting() -> QuerySet[Export]:
    return Export.objects.filter(status=BatchStatus.PENDING).select_related("list", "batch")


@durable
def progress(export: Export, rows: int) -> None:
    """Note that `rows` are written. Raises LostLease if another worker makes the export."""
    jobs.write(export, rows=rows)


@durable
def finish(export: Export, rows: int) -> None:
    """The file is complete and has its final name."""
    jobs.write(
        export, rows=rows, quantity=rows, status=BatchStatus.ACTIVE, finished_at=database_now()
    )


@durable
def fail(export: Export, reason: str) -> None:
    jobs.write(export, status=BatchStatus.FAILED, error=reason[:500], finished_at=database_now())
    audit.record("worker", "export.failed", export.public_id, after={"error": reason[:500]})


def path(export: Export) -> Path:
    """Where this worker's file is. A worker that lost the lease writes to a file with another
    name."""
    name = f"{export.public_id}.{export.fence}.{export.format}"
    return stored_files.directory("exports") / name


def file_name(export: Export) -> str:
    """The name under which a browser saves the file, without slashes, and with one dot, before
    the ending."""
    names = [export.list.name]
    names += [export.batch.label] if export.batch else []
    names += [CLAIMS] if export.what == CLAIMS else []
    letters = [c if _in_file_names(c) else "_" for c in " - ".join(names)]
    safe = re.sub("__+", "_", "".join(letters))[:100].strip()
    return f"{safe}.{export.format}"


def _in_file_names(c: str) -> bool:
    """Whether the character may be in the name: letters of any script and their marks, digits,
    and characters that join words."""
    return c.isalnum() or c in "_ -" or unicodedata.category(c) in ("Mn", "Mc")


@durable
def download(public_id: str, actor: str) -> BinaryIO:
    """The open file for somebody who downloads it. This is noted in the audit log. Raises
    Refused."""
    export = find(public_id)
    if export.status == BatchStatus.PENDING:
        raise Refused(Refusal.EXPORT_PENDING, "The file is not ready yet. Ask again in a moment.")
    if export.status == BatchStatus.FAILED:
        raise Refused(Refusal.NOT_FOUND, f"The export failed: {export.error} Ask for a new one.")
    file = opened(export) if kept(export, database_now()) else None
    if file is None:
        raise Refused(
            Refusal.NOT_FOUND, "The file was deleted after 24 hours. Ask for a new export."
        )
    audit.record(actor, "export.downloaded", public_id, after=described(export))
    return file


def opened(export: Export) -> BinaryIO | None:
    try:
        return shared_files.open_file(path(export))
    except FileNotFoundError:
        return None


def expires_at(export: Export) -> datetime | None:
    """When the file is deleted; None if there is none."""
    if export.status != BatchStatus.ACTIVE or export.finished_at is None:
        return None
    return export.finished_at + limits.EXPORTS_KEPT


def kept(export: Export, now: datetime) -> bool:
    """Whether the file can still be downloaded."""
    until = expires_at(export)
    return until is not None and now < until


def kept_paths(now: datetime) -> dict[Path, bool]:
    """The files that can be downloaded, and that each of them is needed for that."""
    done = Export.objects.filter(status=BatchStatus.ACTIVE)
    return {path(export): True for export in done if kept(export, now)}


def purge() -> int:
    """Delete files that cannot be downloaded any more or that a killed worker left. Returns how
    many."""
    now = database_now()
    gone = 0
    here = stored_files.directory("exports").iterdir()
    for file in {*here, *shared_files.stored("exports")}:
        if not _wanted(file.name, now):
            shared_files.delete(file)
            gone += 1
    return gone


def _wanted(name: str, now: datetime) -> bool:
    public_id, _, rest = name.partition(".")
    key = ids.key_of(Export.PREFIX, public_id)
    export = None if key is None else Export.objects.filter(id=key).first()
    if export is None or not rest.startswith(f"{export.fence}."):
        return False
    return export.status == BatchStatus.PENDING or kept(export, now)
