"""Uploads: a file of codes that were made elsewhere becomes a batch. Every row is accounted for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from promint.core import audit, lists, shared_files
from promint.core.codes import batches
from promint.core.models import Batch, RejectedRow
from promint.core.rules import BYTE_ORDER_MARK, ListType, Refused, csv_text, invalid
from promint.core.storage import Busy, durable, jobs
from promint.core.uploads import looking
from promint.core.uploads.files import Sent, Staged, is_taken, let_go, look, stage_here
from promint.core.uploads.looking import Wishes

# Why a row was rejected: the name of the reason, and words that follow a number of rows.
REASONS = {
    "malformed": "malformed: not a code",
    "number_too_long": "numbers of more than 15 digits, which spreadsheets round",
    "formatted_number": "numbers that show something else than their digits",
    "no_value": "formulas without a stored result",
    "unlike_others": "without a digit, unlike all other codes of the file",
    "duplicate_in_file": "repeated: the same code as in an earlier row",
    "code_exists": "known: the code exists already",
}
AS_IT_IS = Wishes()
STEP = 10_000  # rejected rows read at a time


@dataclass(frozen=True)
class Understood:
    """A stored file, how it is read, and what was asked for its batch."""

    staged: Staged
    name: str
    notify: list[str]
    wishes: Wishes
    found: dict[str, Any]


def request(
    list_id: str,
    file_name: str,
    chunks: Iterable[bytes],
    name: str,
    notify: list[str],
    actor: str,
    wishes: Wishes = AS_IT_IS,
) -> Batch:
    """Take a file for a 3rd party list; a worker reads and loads it. Raises Refused."""
    wanted = understood(list_id, file_name, chunks, name, notify, wishes)
    try:
        return enter(list_id, wanted, actor)
    except (Refused, Busy):  # with any other error there may be a batch
        let_go(wanted.staged)
        raise


def understood(
    list_id: str,
    file_name: str,
    chunks: Iterable[bytes],
    name: str,
    notify: list[str],
    wishes: Wishes,
) -> Understood:
    """Everything that takes long before the batch is made; stores the file. Raises Refused."""
    check_list(list_id)  # so that nothing is stored if it is refused
    batches.check_request(name, notify)
    staged = stage_here(file_name, chunks)
    try:
        wanted = understood_staged(staged, name, notify, wishes)
    except Refused:
        staged.file.unlink()
        raise
    shared_files.hand_over(staged.file)
    return wanted


def check_list(list_id: str) -> None:
    """Raises Refused if there is no such list, or if its codes are not uploaded."""
    batches.check_type(lists.find(list_id), ListType.THIRD_PARTY)


def understood_staged(staged: Staged, name: str, notify: list[str], wishes: Wishes) -> Understood:
    """Decide how the file is read. Raises Refused, also if a person must choose."""
    batches.check_request(name, notify)
    found = looking.decided(look(staged, wishes))
    return Understood(staged, name, notify, wishes, found)


@durable
def enter(list_id: str, wanted: Understood, actor: str) -> Batch:
    """Make the batch of a stored file. Raises Refused; `purge` deletes the file then."""
    promo_list = batches.open_for_batches(list_id, ListType.THIRD_PARTY)
    if is_taken(wanted.staged):
        raise invalid({"file": "This file is taken already: see the upload log."})
    return batches.add(
        promo_list,
        actor,
        quantity=0,
        stored_as=wanted.staged.file.stem,
        file_name=wanted.staged.name,
        name=wanted.name,
        notify=wanted.notify,
        account=wanted.found["account"] | {"counts": {}},
        plan={"plan": wanted.found["plan"], "unlike": wanted.wishes.unlike},
    )


@durable
def was_read(job: Sent, rows: int, sheets: list[str]) -> None:
    """The rows are ready for loading. Raises LostLease."""
    jobs.write(job, quantity=rows, sheets=sheets, account=job.account | {"rows": rows})


@durable
def note_download(batch: Batch, actor: str) -> None:
    """Record who downloads the rejected rows, because they hold codes."""
    audit.record(actor, "batch.rejects_downloaded", batch.public_id)


def rejects(batch: Batch) -> Iterator[str]:
    """The rejected rows of an upload as CSV text, in pieces."""
    return rejects_csv(RejectedRow.objects.filter(batch=batch), batch.sheets)


def rejects_csv(rejected: QuerySet[Any], sheets: list[str]) -> Iterator[str]:
    """Rows with sheet, row, value and reason as CSV text, in pieces, in the order of the file.
    If a workbook has several `sheets` (their names), the first column names the sheet."""
    header = ["row", "value", "reason"]
    yield BYTE_ORDER_MARK + csv_text([["sheet", *header] if sheets else header])
    for page in pages(rejected):
        named = [[sheets[row.sheet]] if sheets else [] for row in page]
        yield csv_text(
            [
                [*sheet, str(row.row), row.value, row.reason]
                for row, sheet in zip(page, named, strict=True)
            ]
        )


def pages(found: QuerySet[Any]) -> Iterator[Sequence[Any]]:
    """Pages of rows, in the order of the file."""
    place = (0, -1)
    while page := _after(found, place):
        yield page
        place = (page[-1].sheet, page[-1].row)


def _after(found: QuerySet[Any], place: tuple[int, int]) -> list[Any]:
    sheet, row = place
    rest_of_sheet = found.filter(sheet=sheet, row__gt=row).order_by("row")[:STEP]
    return list(rest_of_sheet) or list(
        found.filter(sheet__gt=sheet).order_by("sheet", "row")[:STEP]
    )


def why_no_codes(reasons: Mapping[str, int], rows: int) -> str:
    """Why an upload failed in which no row became a code."""
    if reasons.get("code_exists", 0) + reasons.get("duplicate_in_file", 0) == rows:
        return "All codes of the file are in Promint already, so nothing was added."
    told = ", ".join(f"{count:,} {REASONS[reason]}" for reason, count in reasons.items())
    return f"No row of the file is a code that can be added. Rows: {told}."
