"""Makes exports and uploads by the worker's own chores, and reads their files with independent
libraries."""

import csv
import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlrd

from promint.core import bulk_handouts, exports, uploads
from promint.core.codes import batches
from promint.core.exports import making
from promint.core.models import Batch, BulkHandout, Export, PromoList
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import BatchStatus, Refusal
from promint.core.storage import jobs
from promint.worker import sent_files
from tests.factories import ACTOR

DONE_WITHIN = 120  # seconds
Sheet = list[list[str]]


def make(export: Export) -> Export:
    """Make the export in this process, as the worker's child does."""
    taken = jobs.take(exports.waiting().filter(id=export.id))
    assert taken is not None, "someone else holds the export"
    making.make(taken)
    return exports.find(export.public_id)


def sheets(file: Path) -> list[Sheet]:
    """The texts of a file. Cells that are missing are empty."""
    return {".csv": _csv_sheets, ".xlsx": _xlsx_sheets, ".xls": _xls_sheets}[file.suffix](file)


def _csv_sheets(file: Path) -> list[Sheet]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [list(csv.reader(text))]


def _xlsx_sheets(file: Path) -> list[Sheet]:
    book = openpyxl.load_workbook(file, read_only=True)
    found = [
        [
            ["" if cell is None else cell for cell in row]
            for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book.worksheets
    ]
    book.close()
    return found


def _xls_sheets(file: Path) -> list[Sheet]:
    with xlrd.open_workbook(file, on_demand=True) as book:
        return [[sheet.row_values(row) for row in range(sheet.nrows)] for sheet in book.sheets()]


def ask(promo_list: PromoList, file_name: str, content: bytes, **more: object) -> Batch:
    """A batch whose file waits to be read."""
    asked = {"name": "", "notify": [], **more}
    return uploads.request(promo_list.public_id, file_name, [content], actor=ACTOR, **asked)  # type: ignore[arg-type]


def upload(promo_list: PromoList, file_name: str, content: bytes, **more: object) -> Batch:
    """A batch whose file was loaded, or failed."""
    return work_off(ask(promo_list, file_name, content, **more))


def work_off(batch: Batch) -> Batch:
    chore = sent_files.of_codes()
    deadline = time.monotonic() + DONE_WITHIN
    while batches.find(batch.public_id).status == BatchStatus.PENDING:
        assert time.monotonic() < deadline
        if not chore.turn():
            time.sleep(0.01)
    return batches.find(batch.public_id)


def in_bulk(promo_list: PromoList, recipients: Sequence[str], **more: Any) -> BulkHandout:
    """Handed out to a file of recipients, one a line, by a worker of its own."""
    content = "\n".join(recipients).encode()
    asked = bulk_handouts.request(promo_list.public_id, "recipients.txt", [content], ACTOR, **more)
    return hand_out_all(asked)


def hand_out_all(bulk: BulkHandout) -> BulkHandout:
    chore = sent_files.of_recipients()
    deadline = time.monotonic() + DONE_WITHIN
    while bulk_handouts.find(bulk.public_id).status == BatchStatus.PENDING:
        assert time.monotonic() < deadline
        if not chore.turn():
            time.sleep(0.01)
    return bulk_handouts.find(bulk.public_id)


def handed_out(bulk: BulkHandout) -> list[tuple[str, str]]:
    """Recipients and codes of its file, read as a spreadsheet program does."""
    text = "".join(bulk_handouts.download(bulk.public_id, ACTOR)).removeprefix("\ufeff")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["recipient", "code"]
    return [(recipient, code) for recipient, code in rows]


def left_out(bulk: BulkHandout) -> list[tuple[str, str, str]]:
    """Row, value and reason of those that got none."""
    text = "".join(bulk_handouts.download_rejects(bulk.public_id, ACTOR)).removeprefix("\ufeff")
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    return [(row, value, reason) for row, value, reason in rows]


def rejected(batch: Batch) -> list[dict[str, str]]:
    """The rows of its file of rejected rows."""
    return list(
        csv.DictReader(
            "".join(uploads.rejects(batch)).removeprefix("\ufeff").splitlines(keepends=True)
        )
    )


def formulas(text: str) -> list[str]:
    """The cells of a .csv that a program would read as formulas, whichever separator it expects."""
    return [
        cell
        for divider in ",;\t|"
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=divider)
        for cell in row
        if cell[:1] in set("=+-@\t\r＝＋－＠")
    ]


def refused(refusal: Refusal) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda raised: raised.refusal is refusal)
