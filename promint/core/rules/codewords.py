"""What a code is made of. Pure: no database, no clock.

A code's identity is its canonical form: 3 to 64 characters of A-Z and 0-9. A generated code is a
prefix and random symbols of a 28-symbol alphabet (digits and consonants, nothing that looks like
something else, no vowels and so no words), the last of which is a check character.

The check character makes the weighted sum of all characters a multiple of 28, the weights being 1,
3, 1, 3, ... from the right. It reveals every single wrong character and most swaps of neighbours.
It is never a reason to accept or refuse a claim; it lets us tell a person that a code is probably
mistyped.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from operator import itemgetter

from promint.core.rules.limits import POSSIBILITIES_PER_CODE

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
GROUP = 4
PIECE = 50_000  # codes

_BASE = len(ALPHABET)
_POSSIBLE = re.compile(r"[A-Z0-9]{3,64}")
_REST = "AEIOUL01"  # the other characters of prefixes and typing mistakes
_VALUES = {symbol: i % _BASE for i, symbol in enumerate(ALPHABET + _REST)}

# Bytes from 252 on would make some symbols likelier than others (256 is no multiple of 28).
_BIASED = bytes(range(256 - 256 % _BASE, 256))
_TO_VALUE = bytes(i % _BASE for i in range(256))
_TO_TRIPLE = bytes(3 * i % _BASE for i in range(256))
_TO_CHECK = bytes(-i % _BASE for i in range(256))
_TO_SYMBOL = bytes(ord(ALPHABET[i % _BASE]) for i in range(256))


def canonical(typed: str) -> str | None:
    """The form in which codes are stored and compared; None if the text cannot be a code."""
    if typed.isascii():  # as nearly all are; NFKC leaves them as they are
        value = typed.translate(_ASCII_SEPARATORS)
    else:
        letters = [c for c in unicodedata.normalize("NFKC", typed) if not _is_separator(c)]
        value = "".join(letters)
        if not value.isascii():
            return None
    value = value.upper()
    return value if _POSSIBLE.fullmatch(value) else None


def one_line(typed: str) -> str:
    """The code as it is kept and shown: trimmed, with spaces in place of tabs and line breaks."""
    return _BREAKS.sub(" ", typed.strip())


BETWEEN = re.compile(r"[\r\n\t,;]")  # what people put between codes that they paste
_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]")


def _is_separator(c: str) -> bool:
    return c in "-_. " or c.isspace() or unicodedata.category(c) in ("Pd", "Cf")


_ASCII_SEPARATORS = dict.fromkeys(n for n in range(128) if _is_separator(chr(n)))


def grouped(value: str, prefix: str = "") -> str:
    """A generated code as people read it: the prefix, then groups of four, joined by dashes."""
    return "-".join(_cuts(len(prefix), len(value))(value))


@cache
def _cuts(prefix: int, length: int) -> Callable[[str], tuple[str, ...]]:
    """A function that cuts a code of this length into its groups. This is by far the fastest way,
    which matters to exports."""
    starts = ([0] if prefix else []) + list(range(prefix, length, GROUP))
    cut = itemgetter(*map(slice, starts, [*starts[1:], length]))
    return cut if len(starts) > 1 else lambda value: (value,)


def looks_mistyped(value: str) -> bool:
    """Whether the check character of a canonical form is wrong for what stands before it."""
    total = sum(_VALUES[c] * (3 if place % 2 else 1) for place, c in enumerate(reversed(value)))
    return total % _BASE != 0


def possibilities(length: int) -> int:
    """How many different codes `length` characters after the prefix can make."""
    return int(_BASE ** (length - 1))


def room(length: int, existing: int) -> int:
    """How many more codes fit beside `existing` ones before guessing a code gets too easy."""
    return max(0, possibilities(length) // POSSIBILITIES_PER_CODE - existing)


def random_codes(count: int, length: int, prefix: str = "") -> list[str]:
    """`count` random canonical codes, unsorted; some may be equal.

    Works on whole columns (all first characters, all second characters, ...), since a million codes
    are made at a time: a table look-up translates a column, and one addition of two long integers
    adds two columns, byte by byte.
    """
    if count == 0:
        return []
    values = _unbiased_values(count * (length - 1))
    columns = [values[i :: length - 1] for i in range(length - 1)]
    codes = bytearray(count * length)
    for place, column in enumerate([*columns, _check_column(columns, prefix)]):
        codes[place::length] = column.translate(_TO_SYMBOL)
    text = codes.decode("ascii")
    return [prefix + text[i : i + length] for i in range(0, len(text), length)]


def sorted_codes(count: int, length: int, prefix: str = "") -> Iterator[list[str]]:
    """`count` random canonical codes, in order and in pieces; a code that was drawn twice comes
    once.

    For many codes, it first draws how many start with each symbol. The other characters are drawn
    when it comes to that symbol, so ten million codes are never in memory together.
    """
    if count <= PIECE or length <= 2:
        yield sorted(set(random_codes(count, length, prefix)))
        return
    firsts = _unbiased_values(count)
    for value, symbol in enumerate(ALPHABET):
        yield from sorted_codes(firsts.count(value), length - 1, prefix + symbol)


def _unbiased_values(count: int) -> bytes:
    """`count` random bytes from 0 to 27, all equally likely."""
    found = b""
    while len(found) < count:
        wanted = count - len(found)
        found += os.urandom(wanted + wanted // 50 + 16).translate(_TO_VALUE, _BIASED)
    return found[:count]


def _check_column(columns: list[bytes], prefix: str) -> bytes:
    """The value of each code's check character."""
    length = len(columns) + 1
    places = range(length + len(prefix) - 1, length - 1, -1)
    offset = sum(
        _VALUES[c] * (3 if place % 2 else 1) for c, place in zip(prefix, places, strict=True)
    )
    total = bytes([offset % _BASE]) * len(columns[0])
    for distance, column in enumerate(reversed(columns), start=1):
        weighted = column.translate(_TO_TRIPLE if distance % 2 else _TO_VALUE)
        total = _add_lanes(total, weighted).translate(_TO_VALUE)
    return total.translate(_TO_CHECK)


def _add_lanes(a: bytes, b: bytes) -> bytes:
    """The sum of two columns, byte by byte. All values are below 28, so no byte overflows into the
    next."""
    total = int.from_bytes(a, "little") + int.from_bytes(b, "little")
    return total.to_bytes(len(a), "little")
