"""Who got which code by a file, and who got none, as .csv. Kept for a day."""

from collections.abc import Iterator

from django.db.models import QuerySet

from promint.core import audit, uploads
from promint.core.bulk_handouts.bulk import find
from promint.core.lists import facts_of
from promint.core.models import BulkHandout, BulkHandoutRow, Code
from promint.core.rules import BYTE_ORDER_MARK, BatchStatus, Refusal, Refused, csv_text
from promint.core.storage import durable


def download(public_id: str, actor: str) -> Iterator[str]:
    """The recipient and the code of each row that has one, in the order of the file. Raises
    Refused."""
    return _codes(_note(public_id, "handouts.downloaded", actor))


def download_rejects(public_id: str, actor: str) -> Iterator[str]:
    """The rows that got no code, and why. Raises Refused."""
    bulk = _note(public_id, "handouts.rejects_downloaded", actor)
    return uploads.rejects_csv(_rows(bulk).filter(code=None), bulk.sheets)


@durable
def _note(public_id: str, action: str, actor: str) -> BulkHandout:
    """The job, if it is complete and still kept. Records in the audit log who reads its result.
    Raises Refused."""
    bulk = find(public_id)
    if bulk.status == BatchStatus.PENDING:
        raise Refused(
            Refusal.EXPORT_PENDING, "Codes are still being handed out. Ask again in a moment."
        )
    if bulk.status == BatchStatus.FAILED:
        raise Refused(Refusal.NOT_FOUND, f"It failed: {bulk.error} Send the file again.")
    if not bulk.rows_kept:
        raise Refused(
            Refusal.NOT_FOUND,
            "The file was deleted after 24 hours. Who has which code is in the list's handouts.",
        )
    audit.record(actor, action, public_id, after={"list": bulk.list.public_id})
    return bulk


def _rows(bulk: BulkHandout) -> QuerySet[BulkHandoutRow]:
    return BulkHandoutRow.objects.filter(bulk=bulk)


def _codes(bulk: BulkHandout) -> Iterator[str]:
    facts = facts_of([bulk.list_id])[bulk.list_id]
    yield BYTE_ORDER_MARK + csv_text([["recipient", "code"]])
    for page in uploads.pages(_rows(bulk).exclude(code=None)):
        values = [row.code for row in page]
        typed = dict(Code.objects.filter(value__in=values).values_list("value", "typed"))
        yield csv_text([[row.value, facts.show(row.code, typed[row.code])] for row in page])


def file_name(bulk: BulkHandout) -> str:
    return f"handouts-{bulk.public_id}.csv"
