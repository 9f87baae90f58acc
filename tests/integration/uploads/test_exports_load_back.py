"""Promint's own exports can be uploaded again: every code is read as it was written."""

from datetime import timedelta

import pytest

from promint.core import exports
from promint.core.exports.files import FORMATS, XlsTable
from promint.core.rules.codewords import canonical
from promint.core.rules.rules import ListType
from tests.bulk import make, upload
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes
from tests.unit.reading.reading import rows_of

ODD_CODES = [
    "0012345678",
    "12345678901234567890",
    "1E5",
    "MAR-26",
    "TRUE1",
    "nw 1",
    "A.B_C-1",
    "AB\u2013CD1",
    "ＦＵＬＬ12",
    "20260165.5",
]
ODD_CUSTOMERS = ["=1+1", "x;=HYPERLINK(1)", 'quote " and, comma', "-1", "code", "José Müller"]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("rows_a_sheet", [65_536, 5])
def test_an_export_is_read_as_the_codes_that_it_holds(
    format: str, rows_a_sheet: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(XlsTable, "ROWS", rows_a_sheet)
    partner = a_list(ListType.THIRD_PARTY)
    content = "\n".join(["code", *ODD_CODES]).encode()
    batch = upload(partner, "codes.csv", content, name="=SUM(A1;=B2)")
    assert batch.created == len(ODD_CODES)
    for code, customer in zip(ODD_CODES, ODD_CUSTOMERS, strict=False):
        claim(code, customer)
    file = exports.path(make(exports.request_batch(batch.public_id, format, ACTOR)))
    read = rows_of(file.name, file.read_bytes())
    assert {row.value: row.typed for row in read} == {canonical(c): c for c in ODD_CODES}
    again = upload(a_list(ListType.THIRD_PARTY), file.name, file.read_bytes())
    assert (again.status, again.reasons) == ("failed", {"code_exists": len(ODD_CODES)})


def test_generated_codes_come_back_in_their_groups() -> None:
    batch = a_batch(a_list(code_prefix="SPR", ends_in=timedelta(days=9)), 40)
    for format in FORMATS:
        file = exports.path(make(exports.request_batch(batch.public_id, format, ACTOR)))
        typed = [row.typed for row in rows_of(file.name, file.read_bytes())]
        assert sorted(typed) == sorted(shown_codes(batch))
