"""The rows of an export: its codes as they were when it was requested.

They are read in short steps by key, so that nobody has to wait for them. Later claims and
cancellations are left out by their time. The codes themselves never change.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from promint.core.exports import exports
from promint.core.lists import ListFacts, facts_of
from promint.core.models import Batch, ClaimHour, Code, Export, Handout
from promint.core.rules import ListType, limits
from promint.core.storage import moment, select, vendor

HEADER = (
    "Code",
    "Status",
    "Customer",
    "Claimed at",
    "Batch",
    "Handed out to",
    "Handed out at",
)

ExportedCode = tuple[str, str, str, str, str, str, str]  # as in HEADER
_Found = tuple[str, str | None, Any]  # value, typed, cancelled_at as the database gives it
_CODES = (
    "SELECT value, typed, cancelled_at FROM core_code WHERE batch_id = %s AND value > %s"
    " ORDER BY value LIMIT %s"
)
_CLAIMS = (
    "SELECT k.code, k.customer, k.claimed_at, r.reversed_at FROM core_claim k"
    " LEFT JOIN core_reversal r ON r.code = k.code AND r.customer = k.customer"
    " AND r.round = k.round AND r.available_again WHERE k.code IN {values}"
)
_HANDOUTS = (
    "SELECT code, recipient, handed_out_at FROM core_handout"
    " WHERE list_id = %s AND code IN {values}"
)


def pages(export: Export) -> Iterator[list[ExportedCode]]:
    """The rows to which the export is limited, in pages."""
    status, handed_out = export.only_status, export.only_handed_out
    for page in _all_pages(export):
        yield [
            row
            for row in page
            if status in (None, row[1]) and (handed_out is None or handed_out == bool(row[5]))
        ]


def _all_pages(export: Export) -> Iterator[list[ExportedCode]]:
    facts = facts_of([export.list_id])[export.list_id]
    if facts.type is ListType.MULTI_USE:
        found = Code.objects.filter(list=export.list_id).values_list("value", "typed")
        copies = export.sheet["copies"] if export.sheet else 1
        yield [
            (facts.show(value, typed), "available", "", "", "", "", "") for value, typed in found
        ] * copies
        return
    if export.chosen is not None:
        yield _rows(_chosen(export.chosen), facts, "", export.created_at)
        return
    before = 0
    for batch in _batches(export):
        for page in _steps(batch):
            wanted = page if export.sheet is None else _in_part(page, before, export.sheet["part"])
            before += len(page)
            yield _rows(wanted, facts, batch.label, export.created_at)


def _in_part(page: list[_Found], before: int, part: int | None) -> list[_Found]:
    """The codes of a page that belong to a part of PRINTED_CODES codes. The parts are of all codes,
    so that a claim between two prints moves no code from one part to another."""
    first = ((part or 1) - 1) * limits.PRINTED_CODES
    return page[max(0, first - before) : max(0, first + limits.PRINTED_CODES - before)]


def _chosen(values: list[str]) -> list[_Found]:
    """In the order of the values."""
    rows = Code.objects.filter(value__in=values).values_list("value", "typed", "cancelled_at")
    return sorted(rows, key=lambda row: values.index(row[0]))


def _batches(export: Export) -> list[Batch]:
    if export.batch is not None:
        return [export.batch]
    of_list = Batch.objects.filter(list=export.list_id)
    return list(exports.active_at(of_list, export.created_at).order_by("number"))


def _steps(batch: Batch) -> Iterator[list[_Found]]:
    last = ""
    while page := _after(batch, last):
        yield page
        last = page[-1][0]


def _after(batch: Batch, last: str) -> list[_Found]:
    with connection.cursor() as cursor:
        cursor.execute(_CODES, [batch.id, last, vendor().export_step])
        return list(cursor.fetchall())


def _rows(page: list[_Found], facts: ListFacts, batch: str, at: datetime) -> list[ExportedCode]:
    values = [value for value, _, _ in page]
    claims, handouts = _claims(values, facts.id, at), _handouts(values, facts.id, at)
    rows: list[ExportedCode] = []
    for value, typed, cancelled_at in page:
        shown = facts.show(value, typed)
        to = handouts.get(value, ("", ""))
        if value in claims:
            rows.append((shown, "claimed", *claims[value], batch, *to))
        elif cancelled_at is not None and moment(cancelled_at) <= at:
            rows.append((shown, "cancelled", "", "", batch, *to))
        else:
            rows.append((shown, "available", "", "", batch, *to))
    return rows


def _claims(values: list[str], list_id: int, at: datetime) -> dict[str, tuple[str, str]]:
    """Customer and time of each claim made by this time whose code was not available again by
    then."""
    if not ClaimHour.objects.filter(list=list_id).exists():
        return {}
    return {
        code: (customer, written(moment(claimed_at)))
        for code, customer, claimed_at, given_back_at in select(_CLAIMS, values)
        if moment(claimed_at) <= at and (given_back_at is None or moment(given_back_at) > at)
    }


def _handouts(values: list[str], list_id: int, at: datetime) -> dict[str, tuple[str, str]]:
    """Recipient and time of each code that was handed out by this time."""
    if not Handout.objects.filter(list=list_id).exists():
        return {}
    return {
        code: (recipient, written(moment(handed_out_at)))
        for code, recipient, handed_out_at in select(_HANDOUTS, values, list_id)
        if moment(handed_out_at) <= at
    }


def written(time: datetime) -> str:
    """A time as it stands in files: RFC 3339, in UTC."""
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")
