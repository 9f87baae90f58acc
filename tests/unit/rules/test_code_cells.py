"""Which cells are codes, by stricter rules than those for what customers type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promint.core.rules.code_cells import Lengths, one_a_line, read
from promint.core.rules.codewords import canonical


@pytest.mark.parametrize(
    ("pasted", "read_as"),
    [
        ("NW-1, NW-2;NW-3", "NW-1\nNW-2\nNW-3"),
        ("QQ-70001  QQ-70002 QQ-70003\n", "QQ-70001\nQQ-70002\nQQ-70003"),
        ("NWF 1234 5678", "NWF 1234 5678"),
        ("AB-1, AB-2, AB-3\nAB-4; AB-5", "AB-1\nAB-2\nAB-3\nAB-4\nAB-5"),
        ("AB-1,\nAB-2, AB-3", "AB-1,\nAB-2, AB-3"),  # may be a table
        ("AB-1, AB-2\nAB-3, AB-4", "AB-1, AB-2\nAB-3, AB-4"),
        ("AB-12, cust-1001\nAB-13", "AB-12, cust-1001\nAB-13"),
        ("code, customer\nAB-13", "code, customer\nAB-13"),
    ],
)
def test_pasted_codes_are_divided_where_nothing_else_can_be_meant(
    pasted: str, read_as: str
) -> None:
    assert one_a_line(pasted).splitlines() == read_as.splitlines()


@pytest.mark.parametrize(
    ("cell", "typed", "value"),
    [
        ("KINO-A7F2", "KINO-A7F2", "KINOA7F2"),
        ("kino a7f2", "kino a7f2", "KINOA7F2"),
        ("A_B.C-D", "A_B.C-D", "ABCD"),
        ('="0012"', "0012", "0012"),
        ("'0012", "0012", "0012"),
        ("20260165.0", "20260165", "20260165"),
        ("20260165.000", "20260165", "20260165"),
        ("AB–12", "AB–12", "AB12"),
        ("ＡＢ１２", "ＡＢ１２", "AB12"),
        ("AB\u200b12", "AB\u200b12", "AB12"),
        ("AB\u00a012", "AB\u00a012", "AB12"),
        ("NWF 1234 5678", "NWF 1234 5678", "NWF12345678"),
    ],
)
def test_codes_in_groups_are_taken(cell: str, typed: str, value: str) -> None:
    assert read(cell) == (typed, value, "")


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "AB",
        "AAA1\nBBB1",
        "AAA1\tBBB1",
        "AAA1, BBB1",
        "QQ-70001 QQ-70002",
        "QQ_1.7 QQ_1.8 QQ_1.9",
        "AAA1;BBB1",
        "AAA1  BBB1",
        "AAA1--BBB1",
        "-AAA1",
        "AAA1-",
        "How to use",
        "Please give each guest one code",
        "FRÜHLING26",
        "=1+1",
        "6.01235E+15",
        "10,00",
        "#N/A",
        "A" * 65,
        "A-" * 200 + "A",
    ],
)
def test_everything_else_is_reported_and_never_glued_together(cell: str) -> None:
    assert read(cell)[1:] == ("", "malformed")


@given(st.text(max_size=80))
def test_what_is_taken_is_what_a_claim_of_it_would_find(cell: str) -> None:
    found = read(cell.strip())
    assert found.value == "" or found.value == canonical(found.typed)


def unlike(values: list[str], value: str) -> bool:
    lengths = Lengths()
    for one in [*values, value]:
        lengths.count(one)
    return lengths.is_unlike(value)


def test_a_total_is_unlike_codes_with_digits() -> None:
    assert unlike(["TOTB1C2", "TOTB1C3"], "TOTAL")
    assert unlike([f"A{n:05}" for n in range(1_000)], "NOTE")
    assert not unlike([f"A{n:04}" for n in range(1_000)], "TOTAL")  # as long as the codes
    assert not unlike(["SUMMER", "WINTERS"], "TOTAL")  # other words like it
    assert not unlike([], "TOTAL")
