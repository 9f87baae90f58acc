"""Reading uploaded text: what counts as a row, and what its code is."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promint.core.reading import rows as upload_rows
from promint.core.reading import sorting
from promint.core.reading.rows import Row, Unreadable
from promint.core.rules import checks, limits
from promint.core.rules.codewords import canonical


def read(content: bytes, ending: str = ".csv") -> list[Row]:
    with TemporaryDirectory() as directory:
        file = Path(directory, f"codes{ending}")
        file.write_bytes(content)
        return list(upload_rows.rows(file))


def typed(content: bytes) -> list[str]:
    return [row.typed for row in read(content)]


@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("abXY09 -_.\u00a0\u200b"), st.characters()), max_size=210
    )
)
def test_the_short_way_to_the_canonical_form_is_the_long_way(text: str) -> None:
    text = text.strip()
    expected = None if checks.named_code(text) else canonical(text)
    assert upload_rows.possible_value(text) == (expected or "")


field = st.text(alphabet=st.sampled_from("ab1 \",;'\t-"), max_size=6)
code = st.text(alphabet="ABC123", min_size=3, max_size=6)


@given(
    st.lists(
        # No lone "\r": the module writes one without quotes, and whoever reads it sees a line end.
        st.tuples(code, field, st.text(alphabet='x"\n,', max_size=4)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_whatever_the_csv_module_writes_is_read_back(
    rows: list[tuple[str, str, str]], delimiter: str, line_end: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    written = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    written.writerow(("code", "x", "y"))
    written.writerows(rows)
    assert typed(text.getvalue().encode()) == [row[0] for row in rows]


def test_rows_have_the_numbers_of_their_lines() -> None:
    found = read(b'code,n\n\nAAA,"over\ntwo lines"\nBBB,1\r\n,,\n"CCC"\n')
    assert [(row.number, row.value) for row in found] == [(3, "AAA"), (5, "BBB"), (7, "CCC")]


def test_only_the_first_row_can_be_a_header() -> None:
    assert typed(b"AAA\ncode\n") == ["AAA", "code"]
    assert typed(b" C-O-D-E \nAAA\n") == ["AAA"]


def test_a_stray_quote_swallows_no_other_row() -> None:
    lines = [f"A{n:04}" for n in range(300)]
    lines[50] = '"' + lines[50]
    lines[150] += ',"'
    assert typed("\n".join(lines).encode()) == [*lines[:150], "A0150", *lines[151:]]


def test_what_is_no_utf8_is_read_as_old_windows_text() -> None:
    found = read(b"caf\xe9\nAB\xa0CD\nna\xc3\xafve\n")
    assert [row.typed for row in found] == ["café", "AB\xa0CD", "naïve"]
    assert [row.value for row in found] == ["", "ABCD", ""]


def test_a_field_that_is_cut_off_takes_no_row_along_to_the_next_one_that_is() -> None:
    lines = [f"CUT{n:04},{'cut off here' if n % 60 == 5 else 'x'}" for n in range(200)]
    cut = [line.replace(",cut", ',"cut') for line in lines]
    assert typed("\n".join(cut).encode()) == [f"CUT{n:04}" for n in range(200)]
    assert typed(b'AAA,"5 inch\nBBB,x\nCCC,"6 inch\nDDD,y\n') == ["AAA", "BBB", "CCC", "DDD"]
    assert typed(b'AAA;"5"" or\n6"" inch" ;z\nBBB;y\n') == ["AAA", "BBB"]


def test_excels_own_first_line_is_no_row() -> None:
    assert typed(b"sep=;\r\nCode;n,m\r\nAAA;1\r\n") == ["AAA"]
    assert [row.number for row in read(b"SEP=,\nAAA\n")] == [2]


def test_control_characters_make_no_code_but_white_space_does_not_count() -> None:
    found = read(b"AB\x00CD\nAB\x7fCD\nAB\x1fCD\nAB\x0cCD\n")
    assert [row.value for row in found] == ["", "", "ABCD", "ABCD"]
    assert [row.typed for row in found[2:]] == ["AB CD", "AB CD"]


def test_the_first_line_says_what_divides_all_of_them() -> None:
    assert typed(b"AAA;1\nBBB,CCC;2\n") == ["AAA", "BBB,CCC"]
    assert [row.typed for row in read(b"AAA,1\tx\n", ".tsv")] == ["AAA,1"]


def test_a_line_without_end_is_one_row() -> None:
    (row,) = read(b"x" * 5_000_000)
    assert row.value == ""


def test_more_rows_than_allowed_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOAD_ROWS", 3)
    assert len(read(b"AAA\nBBB\nCCC\n")) == 3
    with pytest.raises(Unreadable, match="more than 3 rows"):
        read(b"AAA\nBBB\nCCC\nDDD\n")


@given(
    st.lists(
        st.text(alphabet=st.sampled_from("AB-\x00\x1f\x85\u2028é\t"), max_size=250), max_size=30
    )
)
def test_sorted_rows_are_all_there_and_in_the_order_of_their_codes(cells: list[str]) -> None:
    content = "\n".join(cells).encode()
    with TemporaryDirectory() as directory:
        source, out = Path(directory, "codes.txt"), Path(directory, "rows")
        source.write_bytes(content)
        with out.open("wb") as file:
            count = sorting.sort(source, file)
        with out.open(encoding="utf-8", newline="\n") as lines:
            found = list(sorting.read(lines))
    expected = read(content, ".txt")
    assert count == len(found) == len(expected)
    assert [row.value for row in found] == sorted(row.value for row in expected)
    by_place = {row.number: row for row in found}
    for row in expected:
        assert by_place[row.number].value == row.value
        if row.value:
            assert by_place[row.number].typed == row.typed


def test_equal_codes_are_sorted_by_their_place_in_the_file() -> None:
    rows = [Row(0, 10, "AAA", "AAA"), Row(0, 9, "a-a-a", "AAA"), Row(1, 1, "AAA", "AAA")]
    lines = sorted(sorting._line(row) for row in rows)
    assert [(r.sheet, r.number) for r in sorting.read(lines)] == [(0, 9), (0, 10), (1, 1)]


def test_an_empty_first_cell_is_no_code_whatever_stands_beside_it() -> None:
    for ending, mark in ((".tsv", b"\t"), (".txt", b"\t"), (".csv", b","), (".csv", b";")):
        lines = (b"code", b"customer"), (b"ABC123", b"ann"), (b"", b"bob42"), (b" \xc2\xa0", b"x42")
        rows = read(b"\n".join(mark.join(line) for line in lines), ending)
        assert [(row.number, row.value) for row in rows] == [(2, "ABC123"), (3, ""), (4, "")]
