"""Numbers as people type them are read, or a sentence says what to write."""

import re

import pytest

from promint.dashboard.page.numbers import whole_number, why_unreadable

UNREADABLE = ["1.000", "25.500", "0.500", "1e6", "2E3", "1000.5", "9,99", "1000,00", "-4", "many"]
UNREADABLE += ["1.000.000"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1.000", "1.000 could mean 1 or 1,000. Write 1,000 or 1000 for the second, 1 for"),
        ("25.500", "25.500 could mean 25.5 or 25,500. Write 25,500 or 25500 for the second"),
        ("1e6", "Write the number out in digits: 1,000,000 or 1000000."),
        ("1.000.000", "Write 1,000,000 or 1000000: points cannot separate thousands."),
        ("1000.5", "alone, without a fraction. Write 1,000 or 1000 for"),
        ("9,99", "without a fraction. Write 1,000 or 1000"),
        ("-1,000", "Write 1,000 or 1000 without a sign: less than zero is not possible."),
        ("\u22125", "Write 5 without a sign"),
        ("many", "Write 1,000 or 1000 for a thousand."),
    ],
)
def test_a_number_that_cannot_be_read_says_what_to_write(typed: str, said: str) -> None:
    assert said in why_unreadable(typed)


@pytest.mark.parametrize("typed", [*UNREADABLE, "1.000.000", "1,0000", ",100", "²", "1e999"])
def test_every_number_is_read_or_explained(typed: str) -> None:
    assert whole_number(typed) is None
    assert why_unreadable(typed)


@pytest.mark.parametrize("typed", UNREADABLE)
def test_what_a_message_says_to_write_can_be_read(typed: str) -> None:
    examples = re.findall(r"(?:Write|digits:) ([0-9,]+)(?: or ([0-9,]+))?", why_unreadable(typed))
    assert examples
    for example in filter(None, examples[0]):
        assert whole_number(example) is not None
        assert why_unreadable(example) == ""


@pytest.mark.parametrize("typed", ["", None, "0", 0, "1000", "1,000", "1 000", "1'000", " 7 "])
def test_what_can_be_read_and_what_is_empty_needs_no_explanation(typed: str | int | None) -> None:
    assert why_unreadable(typed) == ""
