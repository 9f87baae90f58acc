"""Files of recipients: asked for, worked on, finished, and forgotten after a day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from promint.core import audit, uploads
from promint.core.codes import handouts
from promint.core.models import BulkHandout, BulkHandoutRow, PromoList
from promint.core.rules import BatchStatus, Refused, ids, invalid, limits, not_found
from promint.core.storage import Busy, database_now, durable, jobs
from promint.core.uploads import Staged, Wishes

KIND = "recipients"
# Why a row got no code: its name, and words that follow a number of rows.
REASONS = {
    "malformed": "malformed: no recipient",
    "number_too_long": "numbers of more than 15 digits, which spreadsheets round",
    "formatted_number": "numbers that show something else than their digits",
    "no_value": "formulas without a stored result",
    "duplicate_in_file": "repeated: the same recipient as in an earlier row",
    "no_codes_left": "left without a code: there were no more",
    "list_completed": "left without a code: the list was completed",
    "code_not_active": "left without a code: the list has not started",
}


@dataclass(frozen=True)
class Understood:
    """A stored file, how it is read, and whether codes are handed out before the list starts."""

    staged: Staged
    early: bool
    found: dict[str, Any]


def request(
    list_id: str,
    file_name: str,
    chunks: Iterable[bytes],
    actor: str,
    early: bool = False,
    wishes: Wishes = Wishes(),  # noqa: B008 (it is frozen)
) -> BulkHandout:
    """Take a file of recipients; a worker hands out the codes. Raises Refused."""
    wanted = understood(list_id, file_name, chunks, early, wishes)
    try:
        return enter(list_id, wanted, actor)
    except (Refused, Busy):  # with any other error there may be a job
        wanted.staged.file.unlink()
        raise


def understood(
    list_id: str, file_name: str, chunks: Iterable[bytes], early: bool, wishes: Wishes
) -> Understood:
    """All that takes long before a file is entered; it is stored. Raises Refused."""
    check_list(list_id, early)  # refused before anything is stored
    staged = uploads.stage(file_name, chunks)
    try:
        return understood_staged(staged, early, wishes)
    except Refused:
        staged.file.unlink()
        raise


def understood_staged(staged: Staged, early: bool, wishes: Wishes) -> Understood:
    """Raises Refused, also where a person must choose how it is read."""
    found = uploads.look(staged.file, replace(wishes, kind=KIND))
    return Understood(staged, early, uploads.decided(found, KIND))


def preview_staged(staged: Staged, wishes: Wishes) -> dict[str, Any]:
    """What would happen with a file, as `uploads.preview_staged` says it. Raises Refused, Busy."""
    return uploads.preview_staged(staged, replace(wishes, kind=KIND))


def check_list(list_id: str, early: bool) -> PromoList:
    """The list. Raises Refused when it hands out no codes now."""
    promo_list = handouts.handing_out(list_id)
    if (refused := handouts.closed(promo_list, database_now(), early)) is not None:
        raise refused
    return promo_list


@durable
def enter(list_id: str, wanted: Understood, actor: str) -> BulkHandout:
    """The job of a stored file. Raises Refused; `uploads.purge` deletes the file then."""
    promo_list = check_list(list_id, wanted.early)
    if uploads.is_taken(wanted.staged):
        raise invalid({"file": "Codes are handed out by this file already."})
    now = database_now()
    bulk = BulkHandout.objects.create(
        list=promo_list,
        early=wanted.early,
        file_name=wanted.staged.name,
        stored_as=wanted.staged.file.stem,
        account=wanted.found["account"] | {"counts": {}},
        plan={"kind": KIND, "plan": wanted.found["plan"], "unlike": True},
        created_by=actor,
        created_at=now,
        stepped_at=now,
    )
    after = {"list": list_id, "file": bulk.file_name}
    audit.record(actor, "handouts.requested", bulk.public_id, after=after, at=now)
    return bulk


def find(public_id: str) -> BulkHandout:
    key = ids.key_of(BulkHandout.PREFIX, public_id)
    jobs_with_lists = BulkHandout.objects.select_related("list")
    found = None if key is None else jobs_with_lists.filter(id=key).first()
    if found is None:
        raise not_found("bulk handout")
    return found


def of_list(list_id: int) -> QuerySet[BulkHandout]:
    """The newest first."""
    found = BulkHandout.objects.filter(list=list_id).select_related("list")
    return found.order_by("-created_at", "id")


def waiting() -> QuerySet[BulkHandout]:
    return BulkHandout.objects.filter(status=BatchStatus.PENDING)


@durable
def fail(bulk: BulkHandout, reason: str) -> None:
    """It cannot go on. Who has a code keeps it."""
    now = database_now()
    jobs.write(bulk, status=BatchStatus.FAILED, error=reason[:500], finished_at=now)
    audit.record("worker", "handouts.failed", bulk.public_id, after={"error": reason[:500]})


def expires_at(bulk: BulkHandout) -> datetime | None:
    """When it is forgotten who got which code by it; None while it goes on."""
    return bulk.finished_at and bulk.finished_at + limits.BULK_HANDOUTS_KEPT


@durable
def forget_old(now: datetime, most: int) -> int:
    """Delete so many rows that are no longer kept; how many."""
    over = BulkHandout.objects.filter(
        rows_kept=True, finished_at__lte=now - limits.BULK_HANDOUTS_KEPT
    )
    bulk = over.order_by("finished_at").first()
    if bulk is None:
        return 0
    rows = BulkHandoutRow.objects.filter(bulk=bulk)
    first = list(rows.order_by("sheet", "row").values_list("sheet", "row")[:most])
    if len(first) < most:
        gone, _ = rows.delete()
        BulkHandout.objects.filter(id=bulk.id).update(rows_kept=False)
        return gone
    sheet, row = first[-1]
    gone, _ = rows.filter(sheet=sheet, row__lte=row).delete()
    return gone + rows.filter(sheet__lt=sheet).delete()[0]
