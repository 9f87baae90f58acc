"""Handing out to a file of recipients: requested, worked on, finished, and forgotten after a
day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from promint.core import audit, shared_files, uploads
from promint.core.codes import handouts
from promint.core.models import BulkHandout, BulkHandoutRow, PromoList
from promint.core.rules import BatchStatus, Refused, ids, invalid, limits, not_found
from promint.core.storage import Busy, database_now, durable, jobs
from promint.core.uploads import Staged, Wishes

KIND = "recipients"
# Why a row got no code: the name of the reason, and words that follow a number of rows.
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
        uploads.let_go(wanted.staged)
        raise


def understood(
    list_id: str, file_name: str, chunks: Iterable[bytes], early: bool, wishes: Wishes
) -> Understood:
    """Everything that takes long before the job is made; stores the file. Raises Refused."""
    check_list(list_id, early)  # so that nothing is stored if it is refused
    staged = uploads.stage_here(file_name, chunks)
    try:
        wanted = understood_staged(staged, early, wishes)
    except Refused:
        staged.file.unlink()
        raise
    shared_files.hand_over(staged.file)
    return wanted


def understood_staged(staged: Staged, early: bool, wishes: Wishes) -> Understood:
    """Decide how the file is read. Raises Refused, also if a person must choose."""
    found = uploads.look(staged, replace(wishes, kind=KIND))
    return Understood(staged, early, uploads.decided(found, KIND))


def preview_staged(staged: Staged, wishes: Wishes) -> dict[str, Any]:
    """What would happen with a file, as `uploads.preview_staged` says it. `alike`: two recipients
    that differ in capital and small letters only, if there are such. Raises Refused, Busy."""
    found = uploads.look(staged, replace(wishes, kind=KIND))
    return found | {"alike": _alike(found.pop("values", []))}


def _alike(recipients: Iterable[str]) -> tuple[str, str] | None:
    first: dict[str, str] = {}
    for one in filter(None, recipients):
        if (other := first.setdefault(one.casefold(), one)) != one:
            return other, one
    return None


def check_list(list_id: str, early: bool) -> PromoList:
    """The list. Raises Refused if it hands out no codes now."""
    promo_list = handouts.handing_out(list_id)
    if (refused := handouts.closed(promo_list, database_now(), early)) is not None:
        raise refused
    return promo_list


@durable
def enter(list_id: str, wanted: Understood, actor: str) -> BulkHandout:
    """Make the job of a stored file. Raises Refused; `uploads.purge` deletes the file then."""
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
    """The jobs of a list, the newest first."""
    found = BulkHandout.objects.filter(list=list_id).select_related("list")
    return found.order_by("-created_at", "id")


def waiting() -> QuerySet[BulkHandout]:
    return BulkHandout.objects.filter(status=BatchStatus.PENDING)


@durable
def fail(bulk: BulkHandout, reason: str) -> None:
    """Mark the job as failed. Recipients who have a code keep it."""
    now = database_now()
    jobs.write(bulk, status=BatchStatus.FAILED, error=reason[:500], finished_at=now)
    audit.record("worker", "handouts.failed", bulk.public_id, after={"error": reason[:500]})


def expires_at(bulk: BulkHandout) -> datetime | None:
    """When it is forgotten who got which code by this file; None while the job is not finished."""
    return bulk.finished_at and bulk.finished_at + limits.BULK_HANDOUTS_KEPT


@durable
def forget_old(now: datetime, most: int) -> int:
    """Delete at most `most` rows that are no longer kept and return how many were deleted."""
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
