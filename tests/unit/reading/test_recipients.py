"""Files of recipients, read as the process for uploads reads them, but in this process."""

import pytest

from tests.unit.reading.reading import looked_at, rejects_of, rows_of


def recipients_of(name: str, content: bytes, **asked: object) -> list[str]:
    return [row.value for row in rows_of(name, content, kind="recipients", **asked) if row.value]


@pytest.mark.parametrize(
    "header",
    [
        "Customer ID",
        "e-mail",
        "MEMBER_NUMBER",
        "user",
        "Kundennummer",
        "Empfänger",
        "N° client",
        "Destinataire",
        "ID de cliente",
        "Correo electrónico",
        "Codice cliente",
        "Indirizzo e-mail",
        "Klantnummer",
        "Ontvanger",
        "Código do cliente",
        "Endereço de e-mail",
    ],
)
def test_the_column_is_found_under_a_known_header(header: str) -> None:
    content = f"Name;{header};Ort\nAda;K-1;Köln\nBo;K-2;Bonn\n".encode()
    assert recipients_of("r.csv", content) == ["K-1", "K-2"]


def test_a_column_that_is_named_is_taken() -> None:
    content = b"customer,e-mail\nc1,a@b.de\n"
    assert looked_at("r.csv", content, kind="recipients")["needed"] == "column_needed"
    assert recipients_of("r.csv", content, column="E-Mail") == ["a@b.de"]
    assert recipients_of("r.csv", content, column="1", header=True) == ["c1"]


def test_a_file_of_one_column_needs_no_header_and_keeps_the_order() -> None:
    assert recipients_of("r.txt", b"zoe\nAda Lovelace\nbo|bo\n") == ["zoe", "Ada Lovelace", "bo|bo"]


def test_several_people_in_one_cell_are_reported_and_not_taken_for_one() -> None:
    content = b"zoe@x.example\nada@x.example, bo@x.example\ncy;di\n"
    assert recipients_of("r.txt", content) == ["zoe@x.example"]
    assert rejects_of("r.txt", content, kind="recipients") == [(2, "malformed"), (3, "malformed")]


def test_what_spreadsheets_need_is_taken_off_and_nothing_else() -> None:
    content = '\'+49 30 12\n="0012"\n7001.0\nM\u00fcller_&.\u00a0x\n'.encode()
    assert recipients_of("r.txt", content) == ["+49 30 12", "0012", "7001", "M\u00fcller_&.\u00a0x"]


def test_what_is_no_recipient_and_what_comes_again_is_reported() -> None:
    content = b"customer\na\nb\na\n" + b"c" * 256 + b"\n1234567890123456.0\nb\n"
    assert rejects_of("r.csv", content, kind="recipients") == [
        (4, "duplicate_in_file"),
        (5, "malformed"),
        (6, "number_too_long"),
        (7, "duplicate_in_file"),
    ]
