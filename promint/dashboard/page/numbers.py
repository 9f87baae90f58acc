"""Whole numbers as people type them, and what is wrong with those that cannot be read. Pure."""

import re

_GROUPING = re.compile("[, \u00a0\u202f_'’]")
# Groups of three digits, or no groups: 10,00 and 9,99 are fractions and must not be read as 1000
# and 999.
_WHOLE_NUMBER = re.compile(f"[0-9]{{1,39}}|[0-9]{{1,3}}({_GROUPING.pattern}[0-9]{{3}}){{1,12}}")
_POINT_OR_THOUSANDS = re.compile(r"([1-9][0-9]{0,2})\.([0-9]{3})")
_POINTS = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3}){2,12}")
_POWER = re.compile(r"([0-9]{1,4})e\+?([0-9])", re.IGNORECASE)
_FRACTION = re.compile(r"[0-9]{1,39}[.,][0-9]+")

_BELOW_ZERO = "-\u2212\u2013"  # minus as typed, as printed, and a dash in its place


def whole_number(text: str | int | None) -> int | None:
    """The number that was typed; None if it cannot be read."""
    typed = _typed(text)
    return int(_GROUPING.sub("", typed)) if _WHOLE_NUMBER.fullmatch(typed) else None


def why_unreadable(text: str | int | None) -> str:
    """What is wrong with a number and what to write instead; empty if it can be read or nothing was
    typed.

    Nothing is guessed: only the person knows whether a point separates thousands or a fraction.
    """
    typed = _typed(text)
    if not typed or _WHOLE_NUMBER.fullmatch(typed):
        return ""
    if found := _POINT_OR_THOUSANDS.fullmatch(typed):
        return _means_two_things(typed, found[1], found[2])
    if found := _POWER.fullmatch(typed):
        return f"Write the number out in digits: {_both_ways(int(found[1]) * 10 ** int(found[2]))}."
    if _POINTS.fullmatch(typed):
        return f"Write {_both_ways(int(typed.replace('.', '')))}: points cannot separate thousands."
    if typed[0] in _BELOW_ZERO and (number := whole_number(typed[1:])) is not None:
        return f"Write {_both_ways(number)} without a sign: less than zero is not possible."
    without = ", without a fraction" if _FRACTION.fullmatch(typed) else ""
    return f"Use the digits 0 to 9 alone{without}. Write 1,000 or 1000 for a thousand."


def _means_two_things(typed: str, whole: str, thousandths: str) -> str:
    """The sentence about a number that can be read in two ways, like 1.000."""
    fraction = f"{int(whole)}.{thousandths}".rstrip("0").rstrip(".")
    grouped = int(whole + thousandths)
    write = f"Write {_both_ways(grouped)} for the second"
    if "." in fraction:
        return f"{typed} could mean {fraction} or {grouped:,}. {write}; fractions are not possible."
    return f"{typed} could mean {fraction} or {grouped:,}. {write}, {fraction} for the first."


def _both_ways(number: int) -> str:
    """The number with and without separators, like "1,000 or 1000"."""
    return str(number) if number < 1000 else f"{number:,} or {number}"


def _typed(text: str | int | None) -> str:
    return str("" if text is None else text).strip()
