"""Generated codes: their form, how likely each is, and their check character."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promint.core.rules.codewords import (
    ALPHABET,
    PIECE,
    canonical,
    looks_mistyped,
    possibilities,
    random_codes,
    room,
    sorted_codes,
)

LENGTHS = st.integers(8, 32)
PREFIXES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", max_size=12)
# With 27 degrees of freedom a fair generator passes this once in 10^10 runs.
CHI_SQUARE = 105.0


def test_the_alphabet_has_28_symbols_without_vowels_and_look_alikes() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 28
    assert not set(ALPHABET) & set("AEIOU01L")
    assert "".join(sorted(ALPHABET)) == ALPHABET


@given(st.integers(0, 20), LENGTHS, PREFIXES)
def test_codes_have_the_length_asked_for_after_the_prefix(
    count: int, length: int, prefix: str
) -> None:
    codes = random_codes(count, length, prefix)
    assert len(codes) == count
    for code in codes:
        assert code.startswith(prefix)
        assert len(code) == len(prefix) + length
        assert set(code[len(prefix) :]) <= set(ALPHABET)
        assert canonical(code) == code
        assert not looks_mistyped(code)


def unlikeliness(symbols: Iterable[str], count: int) -> float:
    """The chi-squared statistic of `count` symbols that should be equally frequent."""
    seen, expected = Counter(symbols), count / 28
    return sum((seen[s] - expected) ** 2 / expected for s in ALPHABET)


@pytest.mark.parametrize("length", [8, 12])
def test_every_symbol_is_equally_likely_at_every_place(length: int) -> None:
    for column in zip(*random_codes(56_000, length), strict=True):
        assert unlikeliness(column, 56_000) < CHI_SQUARE


def test_many_codes_come_in_order_each_once_in_pieces_of_a_size() -> None:
    pieces = list(sorted_codes(2 * PIECE, 10, "SPR"))
    codes = list(chain.from_iterable(pieces))
    assert len(codes) == 2 * PIECE
    assert codes == sorted(set(codes))
    assert max(map(len, pieces)) <= PIECE
    assert all(code.startswith("SPR") and len(code) == 13 for code in codes)
    assert not any(map(looks_mistyped, codes))
    for column in zip(*(code.removeprefix("SPR") for code in codes), strict=True):
        assert unlikeliness(column, len(codes)) < CHI_SQUARE


def test_more_codes_than_are_possible_come_each_once() -> None:
    codes = list(chain.from_iterable(sorted_codes(4 * PIECE, 4)))
    assert codes == sorted(set(codes))
    assert 0.99 * possibilities(4) < len(codes) <= possibilities(4)


def test_neighbouring_symbols_are_independent() -> None:
    codes = random_codes(78_400, 12)
    expected = len(codes) / 28**2
    pairs = Counter(code[3:5] for code in codes)
    found = sum((pairs[a + b] - expected) ** 2 / expected for a in ALPHABET for b in ALPHABET)
    assert found < 783 + 10 * (2 * 783) ** 0.5


def test_no_two_of_many_codes_are_equal() -> None:
    codes = random_codes(100_000, 12)
    assert len(set(codes)) == len(codes)


@given(LENGTHS, PREFIXES)
def test_every_single_wrong_symbol_shows(length: int, prefix: str) -> None:
    (code,) = random_codes(1, length, prefix)
    for place in range(len(prefix), len(code)):
        for symbol in set(ALPHABET) - {code[place]}:
            assert looks_mistyped(code[:place] + symbol + code[place + 1 :])


def test_most_swapped_neighbours_show() -> None:
    swaps = [
        code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        for code in random_codes(500, 12)
        for place in range(11)
        if code[place] != code[place + 1]
    ]
    assert sum(map(looks_mistyped, swaps)) > 0.94 * len(swaps)


def test_the_last_symbol_adds_no_possibilities() -> None:
    assert possibilities(8) == 28**7
    assert possibilities(12) == 28**11


def test_a_guess_hits_at_most_once_in_a_million() -> None:
    assert room(8, 0) == 28**7 // 1_000_000 == 13_492
    assert room(8, 13_000) == 492
    assert room(8, 13_493) == 0
    assert room(12, 100_000_000) > 10_000_000
