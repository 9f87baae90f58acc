"""The canonical form of a code, and how codes are shown."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promint.core.rules.codewords import canonical, grouped

VALUES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=3, max_size=64)
SEPARATORS = st.sampled_from(" -_.\t\n\u00a0\u00ad\u200b\u2011\u2013\u2014\u2060\u3000\ufeff\ufe63")
EVERY_CHARACTER = [chr(i) for i in range(sys.maxunicode + 1)]


@given(st.text())
def test_the_canonical_form_of_a_canonical_form_is_itself(typed: str) -> None:
    value = canonical(typed)
    assert value is None or canonical(value) == value


@given(st.text())
def test_a_canonical_form_is_3_to_64_upper_case_letters_and_digits(typed: str) -> None:
    value = canonical(typed)
    if value is not None:
        assert 3 <= len(value) <= 64
        assert set(value) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@given(VALUES, st.data())
def test_case_and_separators_change_nothing(value: str, data: st.DataObject) -> None:
    sloppy = "".join(
        data.draw(st.sampled_from((c, c.lower())))
        + "".join(data.draw(st.lists(SEPARATORS, max_size=2)))
        for c in value
    )
    assert canonical(sloppy) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("SpringSale", "SPRINGSALE"),
        ("spring sale", "SPRINGSALE"),
        ("  spring-sale  ", "SPRINGSALE"),
        ("spring_sale.", "SPRINGSALE"),
        ("SPR–7KQM—9FTW", "SPR7KQM9FTW"),  # en dash, em dash
        ("SPR‐7KQM‑9FTW", "SPR7KQM9FTW"),  # hyphen, non-breaking hyphen
        ("SPR\u200b7K\u2060QM", "SPR7KQM"),  # zero width space, word joiner
        ("\ufeffSPR\u00ad7KQM", "SPR7KQM"),  # byte order mark, soft hyphen
        ("ＳＰＲ７ＫＱＭ", "SPR7KQM"),  # full width
        ("①②③", "123"),
        ("ﬁn", "FIN"),  # NFKC turns one character into two
        ("ſale", "SALE"),  # long s
        ("a\u00a0b\u3000c", "ABC"),  # no-break space, ideographic space
        ("a\tb\r\nc", "ABC"),
        ("ABC", "ABC"),
        ("A" * 64, "A" * 64),
        ("-".join("A" * 64), "A" * 64),
    ],
)
def test_a_code_is_recognised_however_it_is_typed(typed: str, value: str) -> None:
    assert canonical(typed) == value


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "AB",
        "A" * 65,
        "---",
        "SPRÏNG",
        "СПРИНГ",
        "SPRINGС",  # the last letter is Cyrillic
        "straße",  # it would be ASCII in upper case
        "SPR!7KQM",
        "=1+2+3",
        "SPR\x007KQM",
        "SPR−7KQM",  # a minus sign is not a dash
        "cafe\u0301",
        "😀😀😀",
    ],
)
def test_what_cannot_be_a_code_has_no_canonical_form(typed: str) -> None:
    assert canonical(typed) is None


@pytest.mark.parametrize("category", ["Pd", "Cf"])
def test_every_dash_and_every_invisible_format_character_is_ignored(category: str) -> None:
    for c in EVERY_CHARACTER:
        if unicodedata.category(c) == category:
            assert canonical(f"AB{c}CD") == "ABCD", f"U+{ord(c):04X}"


def test_every_white_space_is_ignored() -> None:
    for c in EVERY_CHARACTER:
        if c.isspace():
            assert canonical(f"AB{c}CD") == "ABCD", f"U+{ord(c):04X}"


def test_only_separators_are_ignored() -> None:
    """Two codes that differ in a letter or digit stay two codes."""
    for c in EVERY_CHARACTER:
        visible = unicodedata.category(c)[0] in "LNS" and unicodedata.normalize("NFKC", c).isalnum()
        if visible:
            assert canonical(f"AB{c}CD") != "ABCD", f"U+{ord(c):04X}"


@pytest.mark.parametrize(
    ("value", "prefix", "shown"),
    [
        ("7KQM9FTW2XYZ", "", "7KQM-9FTW-2XYZ"),
        ("SPR7KQM9FTW2XYZ", "SPR", "SPR-7KQM-9FTW-2XYZ"),
        ("7KQM9FTW2X", "", "7KQM-9FTW-2X"),
        ("SPRSPR7KQM9F", "SPR", "SPR-SPR7-KQM9-F"),
        ("A7KQM9FTW", "A", "A-7KQM-9FTW"),
    ],
)
def test_a_generated_code_reads_in_groups_of_four_prefix_first(
    value: str, prefix: str, shown: str
) -> None:
    assert grouped(value, prefix) == shown


@given(VALUES)
def test_a_code_as_it_reads_is_the_same_code(value: str) -> None:
    assert canonical(grouped(value)) == value
