"""Workbooks: cells are read as a person sees them, hidden sheets are left out, and unused parts
cost nothing."""

import io
import tracemalloc

import openpyxl
import pytest
import xlwt

from tests.unit.reading.reading import codes_of, looked_at, rejects_of, rows_of
from tests.uploaded_files import OUTSIDE, PLAIN, SHEET, part, with_parts, xls, xlsx


def shown_as(number: float, format_: str, kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "xlsx":
        book = openpyxl.Workbook()
        book.active["A1"], book.active["A2"] = "code", number
        book.active["A2"].number_format = format_
        book.save(file)
    else:
        old = xlwt.Workbook()
        sheet = old.add_sheet("codes")
        sheet.write(0, 0, "code")
        sheet.write(1, 0, number, xlwt.easyxf(num_format_str=format_))
        old.save(file)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
@pytest.mark.parametrize(
    ("number", "format_", "code"),
    [
        (123456, "General", "123456"),
        (123456, "0", "123456"),
        (123456, "@", "123456"),
        (123456, "00000000", "00123456"),
        (4711, "[$-407]00000", "04711"),
        (4711, "#", "4711"),
        (20260165.0, "General", "20260165"),
    ],
)
def test_leading_zeros_of_a_format_belong_to_the_code(
    kind: str, number: float, format_: str, code: str
) -> None:
    assert codes_of(f"codes.{kind}", shown_as(number, format_, kind)) == [code]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
@pytest.mark.parametrize(
    ("number", "format_", "reason"),
    [
        (123456, "#,##0", "formatted_number"),
        (123456, '"KINO-"000000', "formatted_number"),
        (123456, "yyyy-mm-dd", "formatted_number"),
        (123456, "0.00", "formatted_number"),
        (123456.5, "0", "formatted_number"),
        (-123456, "0", "formatted_number"),
        (6012345678901230, "0", "number_too_long"),
    ],
)
def test_numbers_that_show_something_else_are_reported(
    kind: str, number: float, format_: str, reason: str
) -> None:
    assert rejects_of(f"codes.{kind}", shown_as(number, format_, kind)) == [(2, reason)]


def test_a_formula_without_a_stored_result_is_reported() -> None:
    book = openpyxl.Workbook()
    for place, value in {"A1": "code", "A2": '="FRM-"&B2', "A3": "FRM-3"}.items():
        book.active[place] = value
    file = io.BytesIO()
    book.save(file)
    assert rejects_of("codes.xlsx", file.getvalue()) == [(2, "no_value")]


def test_hidden_sheets_are_read_only_when_they_are_named() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Codes"
    book.active.append(["AAA-1"])
    hidden = book.create_sheet("Lookup")
    hidden.sheet_state = "veryHidden"
    hidden.append(["code"])
    hidden.append(["BBB-2"])
    file = io.BytesIO()
    book.save(file)
    assert codes_of("codes.xlsx", file.getvalue()) == ["AAA-1"]
    assert codes_of("codes.xlsx", file.getvalue(), sheets=["Lookup"]) == ["BBB-2"]


def test_a_stray_cell_in_the_last_corner_costs_nothing() -> None:
    corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    sheet = part(xlsx([["code"], ["AAA-1"]]), SHEET).replace(b"</sheetData>", corner)
    content = with_parts(PLAIN, {SHEET: sheet})
    tracemalloc.start()
    try:
        assert [row.value for row in rows_of("codes.xlsx", content)] == ["AAA1", ""]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_parts_that_are_not_read_may_hold_anything() -> None:
    content = with_parts(
        PLAIN, {"customXml/item1.xml": OUTSIDE + b"<x/>", "xl/media/a.svg": OUTSIDE}
    )
    assert codes_of("codes.xlsx", content) == ["ABC123"]


def test_parts_in_utf_16_are_read() -> None:
    wide = part(PLAIN, SHEET).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert codes_of("codes.xlsx", with_parts(PLAIN, {SHEET: wide})) == ["ABC123"]


def test_texts_in_pieces_and_escapes_are_put_together_as_they_are_seen() -> None:
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<si><r><t>AAA</t></r><r><t>-1</t></r><rPh><t>hidden</t></rPh></si>"
        b"<si><t>BBB_x005F_2</t></si></sst>"
    )
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row></sheetData></worksheet>'
    )
    content = with_parts(PLAIN, {SHEET: sheet, "xl/sharedStrings.xml": strings})
    assert codes_of("codes.xlsx", content, unlike=True) == ["AAA-1", "BBB_2"]


def test_a_password_is_said() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000)
    assert "password" in looked_at("codes.xlsx", locked)["unsupported"]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
@pytest.mark.parametrize(
    ("number", "format_", "shown"),
    [
        (46082, "mmm-yy", "2026-03-01"),
        (46082.75, "dd/mm/yyyy hh:mm", "2026-03-01 18:00:00"),
        (0.5, "hh:mm", "12:00:00"),
    ],
)
def test_a_date_is_reported_as_a_date(kind: str, number: float, format_: str, shown: str) -> None:
    (row,) = rows_of(f"codes.{kind}", shown_as(number, format_, kind))
    assert (row.typed, row.reason) == (shown, "formatted_number")


def test_days_are_counted_from_the_year_that_the_workbook_says() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"], book.active["A2"] = "code", 44620
    book.active["A2"].number_format = "yyyy-mm-dd"
    file = io.BytesIO()
    book.save(file)
    assert [row.typed for row in rows_of("codes.xlsx", file.getvalue())] == ["2026-03-01"]


def test_a_formula_of_an_old_workbook_without_a_result_is_reported() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("codes")
    sheet.write(0, 0, "code")
    sheet.write(1, 0, xlwt.Formula('"FRM-"&"L1"'))
    file = io.BytesIO()
    book.save(file)
    assert rejects_of("codes.xls", file.getvalue()) == [(2, "no_value")]


def test_cells_are_read_whatever_prefix_their_program_writes() -> None:
    xml = part(PLAIN, SHEET).decode()
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = (
        f'<?xml version="1.0"?><x:worksheet xmlns:x="{main}"><x:sheetData><x:row><x:c><x:v>4711'
        '</x:v></x:c></x:row><x:row><x:c t="inlineStr"><x:is><x:r><x:t>AB</x:t></x:r><x:r><x:t>C1'
        "</x:t></x:r><x:rPh><x:t>no</x:t></x:rPh></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert "<worksheet" in xml
    book = with_parts(PLAIN, {SHEET: cells.encode()})
    assert codes_of("codes.xlsx", book) == ["4711", "ABC1"]


def test_a_look_at_an_old_workbook_takes_the_first_rows_of_each_sheet_only() -> None:
    rows = [["No.", "Code"], *([n, f"AAA-{n:05}"] for n in range(3_000))]
    book = xls(rows, [["Notes"]], [*rows[:1], [1, "BBB-1"]])
    found = looked_at("codes.xls", book)
    assert found["account"]["sheets"] == ["Sheet 1", "Sheet 3"]
    assert (found["account"]["column"], found["account"]["rows"]) == (2, 1_000)
    assert len(rows_of("codes.xls", book)) == 3_001
