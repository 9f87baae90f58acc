"""Cells as a person sees them, and what is doubtful about them. Pure."""

import re
from decimal import Decimal, InvalidOperation
from functools import cache

MOST_DIGITS = 15  # of a number in a spreadsheet: it keeps no more


class Unclear(str):
    """A cell that must not be taken for what it shows; `reason` says why."""

    __slots__ = ("reason",)
    reason: str

    def __new__(cls, text: str, reason: str) -> "Unclear":
        cell = super().__new__(cls, text)
        cell.reason = reason
        return cell


def number(raw: str, shown_as: str) -> str:
    """Of a number cell: its stored text, and its number format. What only adds leading zeros to a
    whole number is what a person sees, and taken; any other format is reported."""
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return raw
    if not value.is_finite():
        return raw
    if value != value.to_integral_value() or value < 0:
        return Unclear(format(value.normalize(), "f"), "formatted_number")
    digits = str(int(value)) if value.adjusted() < 400 else raw
    if len(digits) > MOST_DIGITS:
        return Unclear(digits, "number_too_long")
    width = _zeros(shown_as)
    if width is None:
        return Unclear(digits, "formatted_number")
    return digits.zfill(width)


@cache
def _zeros(shown_as: str) -> int | None:
    """How many digits a number format shows at least, or None when it shows anything else."""
    positive = _IGNORED.sub("", shown_as.split(";")[0]).strip()
    if positive in ("", "@") or positive.casefold() in ("general", "standard"):
        return 1
    plain = _PLAIN_DIGITS.fullmatch(positive)
    return max(1, len(plain[1] or "")) if plain else None


# Colours, a language without a currency, and the room that a bracket would take.
_IGNORED = re.compile(r"\[\$-[0-9A-Fa-f]*\]|\[(?:[A-Za-z]+|Color ?\d+)\]|_.|\*.")
_PLAIN_DIGITS = re.compile(r"#*(0+)|#+")
