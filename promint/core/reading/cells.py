"""Cells as a person sees them, and why some of them are unclear. Pure."""

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache

SECONDS_A_DAY = 86_400
MOST_DAYS = 2_957_003  # up to the year 9999
MOST_DIGITS = 15  # a number in a spreadsheet keeps no more digits


class Unclear(str):
    """A cell whose text may not be what it means; `reason` says why."""

    __slots__ = ("reason",)
    reason: str

    def __new__(cls, text: str, reason: str) -> "Unclear":
        cell = super().__new__(cls, text)
        cell.reason = reason
        return cell


def number(raw: str, shown_as: str, from_1904: bool = False) -> str:
    """What a person sees of a number cell with this stored text and number format. `from_1904`: the
    workbook counts days from 1904, not from 1900.

    A format that only adds leading zeros to a whole number is applied. With any other format the
    result is Unclear.
    """
    if raw.isascii() and raw.isdecimal() and len(raw) <= MOST_DIGITS:  # most of a million cells
        width = _zeros(shown_as)
        if width is not None:
            return (raw.lstrip("0") or "0").zfill(width)
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return raw
    if not value.is_finite():
        return raw
    if _is_date(shown_as) and 0 <= value < MOST_DAYS:
        return Unclear(_moment(float(value), from_1904), "formatted_number")
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
    """How many digits a number format shows at least; None if it shows anything but digits."""
    positive = _IGNORED.sub("", shown_as.split(";")[0]).strip()
    if positive in ("", "@") or positive.casefold() in ("general", "standard"):
        return 1
    plain = _PLAIN_DIGITS.fullmatch(positive)
    return max(1, len(plain[1] or "")) if plain else None


@cache
def _is_date(shown_as: str) -> bool:
    plain = _TEXTS.sub("", shown_as).casefold()
    return plain not in ("general", "standard") and _DATE_LETTERS.search(plain) is not None


def _moment(days: float, from_1904: bool) -> str:
    """A day and time as a person would look for it. The order in which the format shows them is
    ignored."""
    begin = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
    day, seconds = divmod(round(days * SECONDS_A_DAY), SECONDS_A_DAY)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if day == 0:
        return clock
    shown = str(begin + timedelta(days=day))
    return f"{shown} {clock}" if seconds else shown


_TEXTS = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]|_.|\*.')
_DATE_LETTERS = re.compile("[dmyhs]")
# Colours, a language without a currency, and space as wide as a bracket.
_IGNORED = re.compile(r"\[\$-[0-9A-Fa-f]*\]|\[(?:[A-Za-z]+|Color ?\d+)\]|_.|\*.")
_PLAIN_DIGITS = re.compile(r"#*(0+)|#+")
