"""How sheet and column are found: by what was asked for, by a known header, or by a person's
choice."""

from typing import Any

import pytest

from tests.unit.reading.reading import codes_of, looked_at, rejects_of
from tests.uploaded_files import xls, xlsx

TWO = b"Anna,AAA-1\nBruno,BBB-2\n"


@pytest.mark.parametrize(
    "header",
    [
        "code",
        "CODES",
        "Coupon Code",
        "promo_code",
        "Discount-Code",
        "Voucher",
        "Serial",
        "Gutscheincode",
        "Code de réduction",
        "Código promocional",
        "Codice sconto",
        "Kortingscode",
        "Código de desconto",
    ],
)
def test_a_known_header_says_which_column_and_is_no_code(header: str) -> None:
    content = f"Name,{header}\nAnna Berg,NMC-X1\nName,{header}\nBruno Tal,NMC-X2\n".encode()
    assert codes_of("codes.csv", content) == ["NMC-X1", "NMC-X2"]
    assert looked_at("codes.csv", content)["account"]["header_row"] == 1


def test_a_title_above_the_header_is_no_code() -> None:
    rows = [["Vouchers"], ["made", 2026], [], ["No.", "Code"], [1, "AAA-1"], [2, "BBB-2"]]
    assert codes_of("codes.xlsx", xlsx(rows)) == ["AAA-1", "BBB-2"]
    assert codes_of("codes.xls", xls(rows)) == ["AAA-1", "BBB-2"]
    assert codes_of("codes.csv", b"Voucher\n\nCode\nAAA-1\n") == ["AAA-1"]


def test_a_header_without_rows_is_no_code() -> None:
    assert codes_of("codes.csv", b"Code\n") == []


def test_without_a_header_a_person_chooses_between_columns() -> None:
    found = looked_at("codes.csv", TWO)
    assert found["needed"] == "column_needed"
    assert [choice["number"] for choice in found["choices"]] == [1, 2]
    assert found["choices"][1]["samples"] == ["AAA-1", "BBB-2"]


def test_two_known_headers_leave_the_choice_to_a_person() -> None:
    found = looked_at("codes.csv", b"Serial,Code\n1001,AAA-1\n1002,BBB-2\n")
    assert found["needed"] == "column_needed"
    assert codes_of("codes.csv", b"Serial,Code\n1001,AAA-1\n", column="code") == ["AAA-1"]


@pytest.mark.parametrize("asked", [{"column": "2"}, {"column": "2", "header": False}])
def test_a_column_by_its_number_takes_all_rows(asked: dict[str, Any]) -> None:
    assert codes_of("codes.csv", TWO, **asked) == ["AAA-1", "BBB-2"]


def test_a_column_can_be_named_and_a_header_told_of() -> None:
    content = b"Name,Key 1\nAnna,AAA-1\nBruno,BBB-2\n"
    assert codes_of("codes.csv", content, column="key 1") == ["AAA-1", "BBB-2"]
    assert codes_of("codes.csv", content, column="2", header=True) == ["AAA-1", "BBB-2"]
    assert codes_of("codes.csv", content, column="2") == ["Key 1", "AAA-1", "BBB-2"]
    assert "column" in looked_at("codes.csv", content, column="Preis")["wrong"]
    assert "column" in looked_at("codes.csv", content, column="3")["wrong"]


def test_codes_beside_codes_in_a_later_row_are_not_passed_over() -> None:
    lines = [f"AAA-{n}" for n in range(2_000)]
    lines[1_500] += ",BBB-1"
    content = "\n".join(lines).encode()
    assert rejects_of("codes.txt", content) == [(1_501, "malformed")]


def test_sheets_with_a_known_header_are_read_and_the_others_left_out() -> None:
    book = xlsx([["How to use this file"]], [["code"], ["AAA-1"]], [["Voucher"], ["BBB-2"]])
    found = looked_at("codes.xlsx", book)
    assert found["account"]["sheets"] == ["Sheet 2", "Sheet 3"]
    assert found["account"]["sheets_left_out"] == ["Sheet 1"]
    assert codes_of("codes.xlsx", book) == ["AAA-1", "BBB-2"]


def test_several_sheets_without_a_header_need_a_choice() -> None:
    book = xlsx([["AAA-1"]], [["BBB-2"]])
    found = looked_at("codes.xlsx", book)
    assert found["needed"] == "sheet_needed"
    assert [choice["sheet"] for choice in found["choices"]] == ["Sheet 1", "Sheet 2"]
    assert codes_of("codes.xlsx", book, sheets=["Sheet 2"]) == ["BBB-2"]
    assert "sheet" in looked_at("codes.xlsx", book, sheets=["Sheet 9"])["wrong"]


@pytest.mark.parametrize(
    "content",
    [
        b"Kind,Code\nVoucher,AAA-1\nGift card,BBB-2\n",
        b",Code\nVoucher,AAA-1\nGift card,BBB-2\n",
        b"Codes\n\nName,Code\nAnna,AAA-1\nBruno,BBB-2\n",
        b"Codes,\nCodes,\nName,Code\nAnna,AAA-1\nBruno,BBB-2\n",
        b"Code,Kind\nAAA-1,x\n,Voucher\nBBB-2,y\n",
    ],
)
def test_known_words_that_are_titles_or_values_do_not_hide_the_header(content: bytes) -> None:
    assert codes_of("codes.csv", content) == ["AAA-1", "BBB-2"]


@pytest.mark.parametrize(
    "content",
    [
        b"AAA-1;Voucher\nBBB-2;25.50\nCCC-3;none\n",
        b",Code\nVoucher,ABCD\nGiftcard,ABCE\n",
        b"Voucher;Code\nGold;AAA-1\n",
    ],
)
def test_where_known_words_could_be_values_a_person_chooses(content: bytes) -> None:
    assert looked_at("codes.csv", content)["needed"] == "column_needed"


def test_a_sheet_with_two_known_headers_is_asked_about_not_left_out() -> None:
    book = xlsx([["Code"], ["AAA-1"]], [["Serial", "Code"], [1001, "BBB-2"]])
    assert looked_at("codes.xlsx", book)["needed"] == "column_needed"
