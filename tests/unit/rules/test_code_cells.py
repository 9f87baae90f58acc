"""Which cells are codes, by stricter rules than those for what customers type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promint.core.rules.code_cells import Lengths, read
from promint.core.rules.codewords import canonical


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
