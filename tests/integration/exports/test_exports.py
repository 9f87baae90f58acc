"""Exports: the same texts in each format, with the codes as they were when the export was
requested."""

import os
import re
import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import xlrd
from python_calamine import load_workbook

from promint.core import codes, exports
from promint.core.codes import batches, handouts
from promint.core.exports import making
from promint.core.exports.files import FORMATS, XlsxTable
from promint.core.models import AuditEntry, Batch, Export
from promint.core.rules import Refused, limits
from promint.core.rules.rules import ListType, Refusal
from promint.core.storage import jobs, stored_files
from promint.core.storage.clock import database_now
from promint.worker.exports import TRIES, Exports
from tests.bulk import formulas, make, refused, sheets
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_pending_batch,
    claim,
    shown_codes,
    third_party_codes,
)
from tests.servers import Server, wait_until

HEADER = [
    "Code",
    "Status",
    "Customer",
    "Claimed at",
    "Batch",
    "Handed out to",
    "Handed out at",
]
SECOND_CELL = "x;=HYPERLINK(1)"  # a second cell where semicolons are the separator
ODD_CUSTOMERS = [
    "=1+1",
    SECOND_CELL,
    "＝1+1",
    "＠ines",
    "+49 170",
    "-1",
    "@ines",
    " spaces ",
    'quote " and, comma; semicolon',
    "<b>&amp;</b>",
    "_x0041_",
    "smile \U0001f600",
    "not a character \uffff",
    "0049",
    "x" * limits.CUSTOMER_CHARACTERS,
]


def exported(batch: Batch, format: str) -> Path:
    return exports.path(make(exports.request_batch(batch.public_id, format, ACTOR)))


def a_used_batch() -> Batch:
    """A batch in which each customer has a code, one code is cancelled and one is free."""
    batch = a_batch(a_list(code_prefix="SPR"), len(ODD_CUSTOMERS) + 2, name="=SUM(A1:A9)")
    shown = shown_codes(batch)
    for code, customer in zip(shown, ODD_CUSTOMERS, strict=False):
        claim(code, customer)
    codes.cancel(shown[-1], "lost", ACTOR)
    return batches.find(batch.public_id)


@pytest.mark.parametrize("format", FORMATS)
def test_every_code_is_there_with_its_state(format: str) -> None:
    batch = a_used_batch()
    (sheet,) = sheets(exported(batch, format))
    assert sheet[0] == HEADER
    states = {state.shown: state for state in codes.of_batch(batch, "", 100)}
    assert [row[0] for row in sheet[1:]] == list(states)
    assert re.fullmatch(r"SPR(-[0-9A-Z]{4}){3}", sheet[1][0])
    for row in sheet[1:]:
        state = states[row[0]]
        assert row[1] == state.status
        if state.claim is not None:
            assert row[3] == f"{state.claim.claimed_at:%Y-%m-%dT%H:%M:%S.%f}Z"
        else:
            assert row[2:4] == ["", ""]


def test_the_three_formats_hold_the_same_texts() -> None:
    batch = a_used_batch()
    in_csv, in_xlsx, in_xls = (sheets(exported(batch, f))[0] for f in ("csv", "xlsx", "xls"))
    assert [row[2] for row in in_xls[1:-2]] == ODD_CUSTOMERS
    assert {row[4] for row in in_xls[1:]} == {"=SUM(A1:A9)"}
    # Characters that XML cannot hold, and texts that look like their replacement, are shown by
    # openpyxl as they are stored.
    stored = {"_x0041_": "_x005F_x0041_", "not a character \uffff": "not a character _xFFFF_"}
    whole = [row + [""] * (len(HEADER) - len(row)) for row in in_xlsx]  # empty cells at its end
    assert whole == [[stored.get(cell, cell) for cell in row] for row in in_xls]
    assert in_csv == [[inert(cell) for cell in row] for row in in_xls]


def inert(cell: str) -> str:
    if cell == SECOND_CELL:
        return "x;'=HYPERLINK(1)"
    return f"'{cell}" if cell and cell[0] in "=+-@\t\r＝＋－＠" else cell


@pytest.mark.parametrize(
    "customer",
    [SECOND_CELL, "x; =1", 'x;"=1', "x;;+1", "-1;-1", "＠ines;＋49", "x|＝1", 'a","=1', ";=1"],
)
def test_no_cell_of_a_csv_starts_a_formula_whatever_divides_cells_where_it_is_opened(
    customer: str,
) -> None:
    batch = a_batch(a_list(), 1, name=customer)
    claim(shown_codes(batch)[0], customer)
    assert formulas(exported(batch, "csv").read_text("utf-8-sig")) == []


def test_every_cell_of_a_csv_is_quoted_and_it_starts_with_a_byte_order_mark() -> None:
    batch = a_batch(a_list(), 1)
    claim(shown_codes(batch)[0], "José Müller")
    content = exported(batch, "csv").read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"Code","Status",')
    cells = [c for line in content[3:].decode().split("\r\n") if line for c in line.split(",")]
    assert '"José Müller"' in cells
    assert all(cell[0] == cell[-1] == '"' for cell in cells)


def test_a_spreadsheet_reads_an_xlsx_cell_as_it_was_before_it_was_stored() -> None:
    rows = load_workbook(exported(a_used_batch(), "xlsx")).get_sheet_by_index(0).to_python()
    assert {customer for customer in ODD_CUSTOMERS if "\uffff" not in customer} <= {
        row[2] for row in rows
    }


def test_no_cell_of_a_workbook_is_anything_but_text() -> None:
    batch = a_used_batch()
    xlsx, xls = exported(batch, "xlsx"), exported(batch, "xls")
    with zipfile.ZipFile(xlsx) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
    kinds = set(re.findall(r"<c [^>]*>", re.sub(r'r="[A-G]\d+" ', "", xml)))
    assert kinds == {'<c t="inlineStr">'}
    assert "<f" not in xml
    sheet = openpyxl.load_workbook(xlsx).active
    assert {c.data_type for row in sheet.iter_rows() for c in row if c.value is not None} == {"s"}
    with xlrd.open_workbook(xls) as book:
        types = {cell.ctype for row in book.sheet_by_index(0).get_rows() for cell in row}
    assert types <= {xlrd.XL_CELL_TEXT, xlrd.XL_CELL_EMPTY}


@pytest.mark.parametrize("format", FORMATS)
def test_what_happens_after_it_was_asked_for_is_left_out(format: str) -> None:
    batch = a_batch(a_list(), 4)
    first, second, third, _ = shown_codes(batch)
    claim(first, "before")
    export = exports.request_batch(batch.public_id, format, ACTOR)
    claim(second, "after")
    codes.cancel(third, "", ACTOR)
    (sheet,) = sheets(exports.path(make(export)))
    assert [row[1] for row in sheet[1:]] == ["claimed", "available", "available", "available"]
    assert [row[2] for row in sheet[1:]] == ["before", "", "", ""]


def test_a_list_is_exported_batch_after_batch_without_those_under_way() -> None:
    promo_list = a_list()
    made = [a_batch(promo_list, 3, name=name) for name in ("Winter", "")]
    a_pending_batch(promo_list, 3)
    export = make(exports.request_list(promo_list.public_id, "xlsx", ACTOR))
    (sheet,) = sheets(exports.path(export))
    assert [row[0] for row in sheet[1:]] == shown_codes(made[0]) + shown_codes(made[1])
    assert [row[4] for row in sheet[1:]] == ["Winter"] * 3 + ["Batch 2"] * 3


def test_codes_made_while_a_list_is_exported_are_left_out() -> None:
    promo_list = a_list()
    a_batch(promo_list, 3)
    export = exports.request_list(promo_list.public_id, "csv", ACTOR)
    a_batch(promo_list, 2)
    (sheet,) = sheets(exports.path(make(export)))
    assert len(sheet) == 1 + 3


def test_a_multi_use_list_has_its_one_code() -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Spring Sale")
    claim("springsale", "somebody")
    export = make(exports.request_list(promo_list.public_id, "csv", ACTOR))
    assert sheets(exports.path(export)) == [
        [HEADER, ["Spring Sale", "available", "", "", "", "", ""]]
    ]


def test_a_list_without_codes_makes_a_file_without_rows() -> None:
    export = make(exports.request_list(a_list().public_id, "xls", ACTOR))
    assert sheets(exports.path(export)) == [[HEADER]]


def test_uploaded_codes_read_as_they_were_typed() -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    batch = third_party_codes(promo_list, ["CINE7741"])
    (sheet,) = sheets(exported(batch, "csv"))
    assert sheet[1][0] == "CINE7741"


def test_an_xls_goes_on_in_further_sheets() -> None:
    batch = a_batch(a_list(), 66_000)
    first, second = sheets(exported(batch, "xls"))
    assert (len(first), len(second)) == (65_536, 66_000 - 65_535 + 1)
    assert first[0] == second[0] == HEADER
    assert [row[0] for row in first[1:] + second[1:]] == [
        row[0] for row in sheets(exported(batch, "csv"))[0][1:]
    ]


def test_an_xlsx_goes_on_in_further_sheets(tmp_path: Path) -> None:
    rows = XlsxTable.ROWS + 1
    with (tmp_path / "big.xlsx").open("wb") as file:
        table = XlsxTable(file, ["Number"])
        for start in range(0, rows, 50_000):
            table.write([[str(n)] for n in range(start, min(start + 50_000, rows))])
        table.close()
    with load_workbook(tmp_path / "big.xlsx") as book:
        assert book.sheet_names == ["Codes", "Codes 2"]
        first = book.get_sheet_by_index(0).to_python()
        second = book.get_sheet_by_index(1).to_python()
    assert (len(first), first[0], first[-1]) == (1_048_576, ["Number"], ["1048574"])
    assert second == [["Number"], ["1048575"], ["1048576"]]


def test_codes_that_are_not_complete_are_not_exported() -> None:
    promo_list = a_list()
    pending = a_pending_batch(promo_list)
    with refused(Refusal.BATCH_PENDING):
        exports.request_batch(pending.public_id, "csv", ACTOR)
    with refused(Refusal.BATCH_PENDING):
        exports.request_list(promo_list.public_id, "csv", ACTOR)
    batches.fail(jobs.take(batches.waiting("generated")) or pending, "broken")
    with refused(Refusal.BATCH_PENDING):
        exports.request_batch(pending.public_id, "csv", ACTOR)
    assert not Export.objects.exists()


def test_more_codes_than_an_xls_can_hold_are_refused_for_it_only() -> None:
    batch = a_batch(a_list(), 1)
    Batch.objects.filter(id=batch.id).update(quantity=1_000_001, created=1_000_001)
    with refused(Refusal.TOO_MANY_FOR_XLS):
        exports.request_batch(batch.public_id, "xls", ACTOR)
    assert exports.request_batch(batch.public_id, "xlsx", ACTOR).quantity == 1_000_001
    Batch.objects.filter(id=batch.id).update(quantity=1_000_000, created=1_000_000)
    assert exports.request_batch(batch.public_id, "xls", ACTOR).quantity == 1_000_000


def test_an_unknown_format_is_refused() -> None:
    with refused(Refusal.INVALID_REQUEST):
        exports.request_list(a_list().public_id, "ods", ACTOR)


def test_a_file_is_its_owners_alone_and_its_coming_and_going_is_audited() -> None:
    batch = a_batch(a_list(name="Spring: 50 % / café"), 1, name="for Ines")
    export = exports.request_batch(batch.public_id, "csv", ACTOR)
    with refused(Refusal.EXPORT_PENDING):
        exports.download(export.public_id, ACTOR)
    exports.download(make(export).public_id, "staff:ines@example.com").close()
    file = exports.path(exports.find(export.public_id))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert exports.file_name(export) == "Spring_ 50 _ _ café - for Ines.csv"
    export.list.name = "दिवाली/คูปอง.."
    assert exports.file_name(export) == "दिवाली_คูปอง_ - for Ines.csv"
    entries = AuditEntry.objects.filter(subject=export.public_id).order_by("created_at")
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("export.requested", ACTOR),
        ("export.downloaded", "staff:ines@example.com"),
    ]
    assert entries[0].after == {
        "list": batch.list.public_id,
        "batch": batch.public_id,
        "format": "csv",
    }


def test_a_file_is_gone_after_a_day() -> None:
    export = make(exports.request_batch(a_batch(a_list(), 1).public_id, "csv", ACTOR))
    file = exports.path(export)
    exports.purge()
    assert file.exists()
    past = database_now() - limits.EXPORTS_KEPT
    Export.objects.filter(id=export.id).update(finished_at=past)
    with refused(Refusal.NOT_FOUND):
        exports.download(export.public_id, ACTOR)
    assert exports.purge() >= 1
    assert not file.exists()


def test_whoever_lost_the_lease_leaves_nothing_and_takes_nothing() -> None:
    asked = exports.request_batch(a_batch(a_list(), 3).public_id, "csv", ACTOR)
    zombie = jobs.take(exports.waiting())
    assert zombie is not None
    Export.objects.filter(id=asked.id).update(leased_until=database_now() - timedelta(seconds=1))
    export = make(asked)
    with pytest.raises(jobs.LostLease):
        making.make(zombie)
    assert exports.path(export).exists()
    exports.purge()
    assert os.listdir(stored_files.directory("exports")) == [exports.path(export).name]


def work_off(export: Export) -> Export:
    chore = Exports()
    wait_until(lambda: chore.turn() or exports.find(export.public_id).status != "pending", 1)
    wait_until(lambda: not chore.turn() and exports.find(export.public_id).status != "pending", 90)
    chore.stop()
    return exports.find(export.public_id)


def test_the_workers_child_makes_the_file() -> None:
    batch = a_batch(a_list(), 3)
    export = work_off(exports.request_batch(batch.public_id, "xls", ACTOR))
    assert (export.status, export.rows, export.quantity) == ("active", 3, 3)
    assert [row[0] for row in sheets(exports.path(export))[0][1:]] == shown_codes(batch)


def test_a_file_that_cannot_be_written_fails_with_the_reason() -> None:
    directory = stored_files.directory("exports")
    aside = directory.rename(directory.with_name("exports-aside"))
    directory.write_text("not a directory")
    try:
        export = work_off(exports.request_batch(a_batch(a_list(), 1).public_id, "csv", ACTOR))
    finally:
        directory.unlink()
        aside.rename(directory)
    assert export.status == "failed"
    assert export.error == "A file could not be read or written: File exists."
    with refused(Refusal.NOT_FOUND):
        exports.download(export.public_id, ACTOR)


def test_an_export_whose_process_always_dies_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMINT_FAILPOINT", "exports.in_file")
    export = exports.request_batch(a_batch(a_list(), 1).public_id, "csv", ACTOR)
    Export.objects.filter(id=export.id).update(fence=TRIES - 1)
    export = work_off(export)
    assert (export.status, export.error) == (
        "failed",
        f"Making the file was started {TRIES} times and never finished.",
    )


def test_a_small_export_does_not_wait_for_big_ones(tmp_path: Path) -> None:
    promo_list = a_list()
    small = exports.request_batch(a_batch(promo_list, 10).public_id, "csv", ACTOR)
    big_batch = a_batch(promo_list, 150_000)
    big = [exports.request_batch(big_batch.public_id, "xls", ACTOR) for _ in range(3)]
    first_two = Export.objects.filter(id__in=[big[0].id, big[1].id])
    first_two.update(stepped_at=small.created_at - timedelta(hours=1))
    with Server.on_this_database(tmp_path) as server:
        server.worker()
        wait_until(lambda: exports.find(small.public_id).status == "active", 60, every=0.01)
        assert Export.objects.filter(status="active").get().id == small.id
        wait_until(lambda: Export.objects.filter(status="active").count() == 4, 120)


def test_an_export_says_to_whom_codes_were_handed_out_and_can_be_limited() -> None:
    promo_list = a_list()
    batch = a_batch(promo_list, 4)
    handout = handouts.hand_out(promo_list.public_id, "cust-7", ACTOR)[0]
    free, claimed, cancelled = [one for one in shown_codes(batch) if one != handout.shown]
    claim(claimed)
    codes.cancel(cancelled, "lost", ACTOR)

    def exported(status: str | None = None, handed_out: bool | None = None) -> list[list[str]]:
        only = exports.Only(status, handed_out)
        export = make(exports.request_list(promo_list.public_id, "csv", ACTOR, only))
        header, *rows = sheets(exports.path(export))[0]
        assert header == HEADER
        assert exports.find(export.public_id).quantity == len(rows)
        return rows

    at = handout.handout.handed_out_at.isoformat().replace("+00:00", "Z")
    assert [row[5:] for row in exported() if row[0] == handout.shown] == [["cust-7", at]]
    assert {row[0] for row in exported("available")} == {handout.shown, free}
    assert [row[0] for row in exported("available", handed_out=False)] == [free]
    assert [row[0] for row in exported(handed_out=True)] == [handout.shown]
    assert [row[0] for row in exported("cancelled")] == [cancelled]


def test_an_export_of_codes_in_no_known_state_is_refused() -> None:
    promo_list = a_list()
    with pytest.raises(Refused):
        exports.request_list(promo_list.public_id, "csv", ACTOR, exports.Only("gone"))
