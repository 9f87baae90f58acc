"""Text files: encoding, separator, quotes; and no row is lost or joined to another."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.reading.reading import codes_of, looked_at, rejects_of, rows_of


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xef\xbb\xbfcode\nAAA1\n", "UTF-8"),
        ("code;für\nAAA1;x\n".encode(), "UTF-8"),
        ("code;für\nAAA1;x\n".encode("windows-1252"), "Windows-1252"),
        ("code\nAAA1\n".encode("utf-16"), "UTF-16 LE"),
        ("code\nAAA1\n".encode("utf-16-le"), "UTF-16 LE"),
        ("code\nAAA1\n".encode("utf-16-be"), "UTF-16 BE"),
        (b"\xfe\xff" + "code\nAAA1\n".encode("utf-16-be"), "UTF-16 BE"),
    ],
)
def test_the_encoding_is_found(content: bytes, encoding: str) -> None:
    assert looked_at("codes.csv", content)["account"]["encoding"] == encoding
    assert codes_of("codes.csv", content) == ["AAA1"]


@pytest.mark.parametrize(
    ("content", "divider"),
    [
        (b"sep=|\ncode|n\nAAA1|1,2\n", "|"),
        (b"code\tprice, EUR\nAAA1\t10,00\nBBB1\t5,00\n", "\t"),
        (b"code;price\nAAA1;10,00\nBBB1;5,00\n", ";"),
        (b"code,note\nAAA1,a;b\nBBB1,c\n", ","),
        (b"code|note\nAAA1|a\n", "|"),
        (b"code\nAAA1\nBBB1, of which two\nCCC1\n", None),
        (b'code,note\nAAA1,"a;b;c"\nBBB1,"d;e;f"\n', ","),
    ],
)
def test_what_most_lines_agree_on_divides_them(content: bytes, divider: str | None) -> None:
    assert looked_at("codes.csv", content)["account"]["divider"] == divider
    assert codes_of("codes.csv", content)[0] == "AAA1"


def test_a_comma_in_the_first_line_of_a_tab_file_glues_nothing_to_a_code() -> None:
    content = b"Voucher code\tPrice (EUR, gross)\nTAB-1\t10\nTAB-2\t20\n"
    assert codes_of("codes.txt", content) == ["TAB-1", "TAB-2"]


field = st.text(alphabet=st.sampled_from("ab1 \",;'\t-"), max_size=6)
code = st.text(alphabet="ABC123", min_size=3, max_size=6)


@given(
    st.lists(
        # No single "\\r": the csv module writes one without quotes, and readers take it for a line
        # end.
        st.tuples(code, field, st.text(alphabet='x"\n,', max_size=4)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_whatever_the_csv_module_writes_is_read_back(
    rows: list[tuple[str, str, str]], divider: str, line_end: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    text.write(f"sep={divider}{line_end}")
    written = csv.writer(text, delimiter=divider, lineterminator=line_end, quoting=quoting)
    written.writerow(("code", "x", "y"))
    written.writerows(rows)
    found = rows_of("codes.csv", text.getvalue().encode(), unlike=True)
    assert [row.typed for row in found] == [row[0] for row in rows]


def test_rows_have_the_numbers_of_their_lines() -> None:
    found = rows_of("a.csv", b'code,n\n\nAA1,"over\ntwo lines"\nBB1,1\r\n,,\n"CC1"\n')
    assert [(row.number, row.value) for row in found] == [(3, "AA1"), (5, "BB1"), (7, "CC1")]


def test_a_stray_quote_swallows_no_other_row() -> None:
    lines = [f"A{n:04}" for n in range(300)]
    lines[50] = '"' + lines[50]
    lines[150] += ',"'
    content = "\n".join(lines).encode()
    assert rejects_of("codes.txt", content) == [(51, "malformed"), (151, "malformed")]
    assert codes_of("codes.txt", content) == [*lines[:50], *lines[51:150], *lines[151:]]


def test_a_field_that_is_cut_off_takes_no_row_along_to_the_next_one_that_is() -> None:
    lines = [f"CUT{n:04},{'cut off here' if n % 60 == 5 else 'x'}" for n in range(200)]
    cut = ["code,note", *(line.replace(",cut", ',"cut') for line in lines)]
    assert codes_of("a.csv", "\n".join(cut).encode()) == [f"CUT{n:04}" for n in range(200)]
    content = b'code,n\nAA1,"5 inch\nBB1,x\nCC1,"6 inch\nDD1,y\n'
    assert codes_of("a.csv", content) == ["AA1", "BB1", "CC1", "DD1"]


def test_a_row_whose_code_is_missing_is_reported_whatever_stands_beside_it() -> None:
    for mark in ("\t", ",", ";", "|"):
        lines = (("code", "customer"), ("ABC123", "ann"), ("", "bob42"), (" \u00a0", "x42"))
        content = "\n".join(mark.join(line) for line in lines).encode()
        assert rejects_of("codes.csv", content) == [(3, "malformed"), (4, "malformed")]


def test_a_line_without_end_is_one_row() -> None:
    assert rejects_of("codes.txt", b"x" * 5_000_000) == [(1, "malformed")]


def test_a_cell_with_a_line_break_is_one_row_in_any_column() -> None:
    content = b'code;x\n"TWO-V1\nTWO-V2";1\nTWO-V3;2\n'
    assert rejects_of("codes.csv", content) == [(2, "malformed")]
    assert codes_of("codes.csv", content) == ["TWO-V3"]
    assert rejects_of("codes.csv", b'"TWO-V1\nTWO-V2"\nTWO-V3\n') == [(1, "malformed")]
    assert codes_of("codes.csv", b'"two\nlines",AAA-1\n"one",BBB-2\n', column="2") == [
        "AAA-1",
        "BBB-2",
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_cell() -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        content = '"two\nlines",Code\n"x",AAA-1\n'.encode(encoding)
        assert codes_of("codes.csv", content) == ["AAA-1"]
    broken = b"\xef\xbb\xbfCode,n\nAAA-1,f\xfcr\n"
    assert looked_at("codes.csv", broken)["account"]["encoding"] == "UTF-8"
    assert codes_of("codes.csv", broken) == ["AAA-1"]


def test_a_known_header_shows_what_divides_however_many_titles_stand_above_it() -> None:
    titles = "Summer campaign\nFor Ines, Bruno and Ada\nDo not share; thank you\nPage one\n"
    assert codes_of("codes.csv", f"{titles}Code|Note\nAAA-1|x\n".encode()) == ["AAA-1"]


def test_numbers_that_a_program_rounded_are_reported() -> None:
    content = b"code\n20260165.0\n6012345678901234.0\n6.01235E+15\n"
    assert codes_of("codes.csv", content) == ["20260165"]
    assert rejects_of("codes.csv", content) == [(3, "number_too_long"), (4, "malformed")]


def test_lines_that_are_long_and_quotes_that_stay_open_cost_little() -> None:
    line = '"' + "x," * 5_000
    rows = rows_of("codes.csv", ("code\n" + f"{line}\n" * 60 + "AAA-1\n").encode())
    assert len(rows) == 61
    assert rows[-1].value == "AAA1"


def test_rows_of_nothing_but_dividers_have_no_content_but_a_quote_is_one() -> None:
    assert rows_of("codes.csv", b'code;n\n;\n"";""\n , \n') == []
    assert rejects_of("codes.csv", b'code\n""""\nAAA-1\n') == [(2, "malformed")]
