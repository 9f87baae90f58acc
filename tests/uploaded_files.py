"""Files as suppliers send them, as bytes: well-formed ones, odd ones and hostile ones."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date

import openpyxl
import xlwt

Rows = Sequence[Sequence[object]]


def xlsx(*sheets: Rows) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(list(row))
    return _saved(book.save)


def xls(*sheets: Rows) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for number, rows in enumerate(sheets, 1):
        sheet = book.add_sheet(f"Sheet {number}")
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                sheet.write(y, x, cell)
    return _saved(book.save)


def _saved(save: Callable[[io.BytesIO], None]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def with_parts(book: bytes, parts: dict[str, bytes]) -> bytes:
    """The workbook with some of its parts replaced or added."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return changed.getvalue()


def part(book: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return parts.read(name)


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = xlsx([["ABC123"]])

# name: (file name, content); each holds the codes ABC123, DEF-456 and 20260065, and nothing else.
THREE_CODES: dict[str, tuple[str, bytes]] = {
    "lines": ("codes.txt", b"ABC123\nDEF-456\n20260065\n"),
    "no line end": ("codes.txt", b"ABC123\nDEF-456\n20260065"),
    "header": ("codes.csv", b"code\nABC123\nDEF-456\n20260065\n"),
    "header in capitals and quotes": (
        "codes.csv",
        b'"Code"\r\n"ABC123"\r\n"DEF-456"\r\n"20260065"',
    ),
    "byte order mark": ("codes.csv", b"\xef\xbb\xbfcode\r\nABC123\r\nDEF-456\r\n20260065\r\n"),
    "old Macintosh": ("codes.csv", b"code\rABC123\rDEF-456\r20260065\r"),
    "UTF-16": ("codes.txt", "code\r\nABC123\r\nDEF-456\r\n20260065\r\n".encode("utf-16")),
    "UTF-16, the other way round": (
        "codes.csv",
        b"\xfe\xff" + "Code,n\nABC123,1\nDEF-456,2\n20260065,3\n".encode("utf-16-be"),
    ),
    "semicolons": ("codes.csv", b"code;name\r\nABC123;M\xfcller\r\nDEF-456;x\r\n20260065;\r\n"),
    "tabs": (
        "codes.tsv",
        b"Voucher code\tn, or none\nABC123\tone\nDEF-456\ttwo\n20260065\tthree\n",
    ),
    "blank lines and blank rows": (
        "codes.csv",
        b"\n\ncode,n\n\nABC123,1\n , \nDEF-456,\n,,\n20260065\n\n",
    ),
    "spaces around": ("codes.csv", b' Code ,n\n  ABC123  ,x\n\t"DEF-456" ,x\n20260065 \n'),
    "a field over several lines": (
        "codes.csv",
        b'code,note\nABC123,"one\r\ntwo\nDEF-456"\nDEF-456,"say ""hi"""\n20260065,\n',
    ),
    "a quote that is never closed": (
        "codes.csv",
        b'code,n\nABC123,5" pipe\nDEF-456,"never closed\n20260065,x\n',
    ),
    "capital ending": ("CODES.CSV", b"ABC123\nDEF-456\n20260065\n"),
    "xlsx": ("codes.xlsx", xlsx([["Code", "n"], ["ABC123", 1], ["DEF-456", 2], [20260065, 3]])),
    "xlsx without header": ("codes.xlsx", xlsx([["ABC123"], ["DEF-456"], ["20260065"]])),
    "xlsx in several sheets": (
        "codes.xlsx",
        xlsx([["code"], ["ABC123"]], [], [["code"], ["DEF-456"]], [["CODES"], [20260065.0]]),
    ),
    "xlsx in a later column": (
        "codes.xlsx",
        xlsx([], [[], [None, "code"], [None, "ABC123"], [None, "DEF-456"], [None, 20260065]]),
    ),
    "xls": ("codes.xls", xls([["code", "n"], ["ABC123", 1], ["DEF-456", 2], [20260065, 3]])),
    "xls in two sheets": (
        "codes.xls",
        xls([["Kod"], ["Coupon"], ["ABC123"], ["DEF-456"]], [["code"], [20260065.0]]),
    ),
}

# What a cell of a workbook holds, how it is reported, and why; None if it is a code.
ODD_CELLS: list[tuple[object, tuple[str, str] | None]] = [
    (123, None),
    (12.5, ("12.5", "formatted_number")),
    (-123, ("-123", "formatted_number")),
    (10**17 + 1, ("100000000000000000", "number_too_long")),
    (date(2026, 3, 5), ("2026-03-05", "formatted_number")),
    ("  spaced out ", None),
    ("spaced  out", ("spaced  out", "malformed")),
    ("naïve", ("naïve", "malformed")),
    ("two\nlines", ("two lines", "malformed")),
    ("ＦＵＬＬ-width", None),
    ("How to use it", ("How to use it", "malformed")),
    ("x" * 65, ("x" * 65, "malformed")),
    ("x" * 300, ("x" * 200, "malformed")),
    ("x2", ("x2", "malformed")),
]

BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def _before_root(prologue: bytes) -> bytes:
    root = part(PLAIN, SHEET).partition(b"<worksheet")
    return with_parts(PLAIN, {SHEET: prologue + b"<worksheet" + root[2]})


def _many_parts(count: int) -> bytes:
    return with_parts(PLAIN, {f"xl/media/{n}": b"" for n in range(count)})


# Files that are not what their name says, or are hostile. They are refused before anything reads
# them.
NOT_WHAT_THEY_SAY: dict[str, tuple[str, bytes]] = {
    "a picture named .csv": ("codes.csv", b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "a workbook named .csv": ("codes.csv", PLAIN),
    "a workbook named .txt": ("codes.txt", xls([["ABC123"]])),
    "bytes named .tsv": ("codes.tsv", bytes(range(256))),
    "text named .xlsx": ("codes.xlsx", b"ABC123\n"),
    "an .xls named .xlsx": ("codes.xlsx", xls([["ABC123"]])),
    "an .xlsx named .xls": ("codes.xls", PLAIN),
    "HTML named .xls": ("codes.xls", b"<html><table><tr><td>ABC123</td></tr></table></html>"),
    "a document named .xls": ("codes.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000)),
    "a half .xlsx": ("codes.xlsx", PLAIN[: len(PLAIN) // 2]),
    "an empty zip": ("codes.xlsx", b"PK\x05\x06" + bytes(18)),
    "a name without ending": ("codes", b"ABC123\n"),
    "another ending": ("codes.ods", PLAIN),
    "a zip bomb": (
        "codes.xlsx",
        with_parts(PLAIN, {"xl/media/big.xml": b"<a>" + bytes(60_000_000)}),
    ),
    "too many parts": ("codes.xlsx", _many_parts(2_100)),
    "far too many parts": ("codes.xlsx", _many_parts(20_000)),
    "entities": ("codes.xlsx", _before_root(BILLION_LAUGHS)),
    "an entity from outside": ("codes.xlsx", _before_root(OUTSIDE)),
    "entities behind a comment": ("codes.xlsx", _before_root(b"<!-- <a> -->" + OUTSIDE[21:])),
    "entities behind an instruction": ("codes.xlsx", _before_root(b"<?x <a> ?>" + OUTSIDE[21:])),
    "entities in the workbook": (
        "codes.xlsx",
        with_parts(PLAIN, {"xl/workbook.xml": BILLION_LAUGHS + b"<workbook/>"}),
    ),
    "a sheet that is no XML": (
        "codes.xlsx",
        with_parts(PLAIN, {SHEET: b"<worksheet><sheetData><row"}),
    ),
}

# Files that look correct but have no row that is a code. The batch fails with these words.
UNUSABLE: dict[str, tuple[str, bytes, str]] = {
    "no rows": ("codes.csv", b"code\n\n , \n", "There are no codes in the file."),
    "only a header": ("codes.xlsx", xlsx([["Coupon Code"]]), "There are no codes in the file."),
    "only prose": ("codes.txt", b"How to use this file\n", "1 malformed"),
}
