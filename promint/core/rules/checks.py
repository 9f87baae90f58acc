"""Checks of what people and programs type. Pure: each returns what is wrong, or None."""

import re
import unicodedata
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from promint.core.rules import codewords, limits

# Control characters, lone surrogates, line and paragraph separators.
_NOT_IN_A_LINE = {"Cc", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"  # the last two choose between a letter and a picture
_JOINED = {"Lo", "Mn", "Mc", "So", "Sm", "Po", "Nd", "Sk"}
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks that show nothing
_ADDRESS_PART = r"[^\s\x00-\x1f\x7f@,;:<>()\"\\\[\]]+"
_ADDRESS = re.compile(f"{_ADDRESS_PART}@{_ADDRESS_PART}")
_DISPUTED = frozenset("ßẞς\u200c\u200d")
_PREFIX = re.compile(r"[A-Z0-9]*")


def line(text: str, most: int, least: int = 1) -> str | None:
    """Checks that the text is one line of `least` to `most` characters, all of them visible."""
    if (problem := _any_line(text, most, least)) is not None:
        return problem
    if hidden := _first_hidden(text):
        return f"Leave out the invisible character U+{ord(hidden):04X}."
    return None


def _any_line(text: str, most: int, least: int = 1) -> str | None:
    if not least <= len(text) <= most:
        return (
            f"Use {least} to {most:,} characters." if least else f"Use at most {most:,} characters."
        )
    if any(unicodedata.category(c) in _NOT_IN_A_LINE for c in text):
        return "Use one line, without control characters."
    return None


def never_in_a_line(c: str) -> bool:
    """Whether the character is refused wherever it stands. Joiners are refused only in some
    places."""
    kind = unicodedata.category(c)
    return kind in _NOT_IN_A_LINE or c in _BLANK or (kind == "Cf" and c not in _JOINERS)


def _first_hidden(text: str) -> str | None:
    """The first character that is invisible or changes the direction of text. Joiners are allowed
    where they change how a letter or a picture looks: after letters without capitals, signs and
    marks."""
    for before, c in zip("a" + text, text, strict=False):
        if c in _JOINERS:
            if unicodedata.category(before) not in _JOINED:
                return c
        elif c in _BLANK or unicodedata.category(c) == "Cf":
            return c
    return None


def paragraphs(text: str, most: int) -> str | None:
    """Checks text that may have line breaks."""
    return line(re.sub(r"[\r\n\t]", " ", text), most, least=0)


def whole_number(number: int, most: int, least: int = 1) -> str | None:
    return None if least <= number <= most else f"Use a whole number from {least:,} to {most:,}."


def time(moment: datetime) -> str | None:
    if moment.tzinfo is None:
        return "Give the time with its offset from UTC, like 2026-11-01T00:00:00Z."
    try:
        if limits.EARLIEST <= moment <= limits.LATEST:
            return None
    except OverflowError:
        pass  # the offset takes it past the calendar's ends, which is outside the limits too
    return f"Use a time from the year {limits.EARLIEST.year} to {limits.LATEST.year}."


def zone(name: str) -> str | None:
    return None if name in zones() else "Use a time zone like Europe/Paris or UTC."


# Files beside those of zones: the zone of this machine, and what stands for no zone.
_NO_ZONES = {"localtime", "posixrules", "Factory"}


@cache
def zones() -> tuple[str, ...]:
    """The names of all time zones, sorted. Kept, because finding them means reading many files."""
    return tuple(sorted(available_timezones() - _NO_ZONES))


def address(text: str) -> str | None:
    sent_to = mail_address(text)
    if sent_to and len(sent_to) <= limits.ADDRESS_CHARACTERS and _ADDRESS.fullmatch(sent_to):
        return None
    return "Use an e-mail address like ops@example.com."


def mail_address(text: str) -> str | None:
    """The address as mail servers know it, with the domain in its ASCII form; None if it has none.

    Two standards disagree about a few letters, like ß, and so about whose domain it is. A domain
    with such a letter is refused; it can be given in its ASCII form (xn--…).
    """
    local, at, domain = text.rpartition("@")
    if not local.isascii() or _DISPUTED & set(domain):
        return None
    try:
        return f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def addresses(texts: list[str]) -> str | None:
    if len(texts) > limits.NOTIFY_ADDRESSES:
        return f"Use at most {limits.NOTIFY_ADDRESSES} addresses."
    wrong = [text for text in texts if address(text)]
    return f"{wrong[0][:80]!r} is not an e-mail address. {address(wrong[0])}" if wrong else None


def tags(texts: list[str]) -> str | None:
    if len(texts) > limits.TAGS_OF_A_LIST:
        return f"Use at most {limits.TAGS_OF_A_LIST} tags."
    for text in texts:
        if problem := line(text.strip(), limits.TAG_CHARACTERS):
            return f"{text.strip()[:40]!r} cannot be a tag. {problem}"
    return None


def prefix(text: str) -> str | None:
    if len(text) <= limits.PREFIX_CHARACTERS and _PREFIX.fullmatch(text):
        return None
    return f"Use up to {limits.PREFIX_CHARACTERS} of the letters A–Z and digits 0–9."


def named_code(typed: str) -> str | None:
    problem = _any_line(codewords.one_line(typed), limits.TYPED_CODE_CHARACTERS)
    if problem is None and codewords.canonical(typed) is None:
        least, most = limits.CODE_CHARACTERS
        problem = (
            f"Use {least} to {most} of the letters A–Z and digits 0–9;"
            " spaces, dashes, dots and underscores do not count."
        )
    return problem


def customer(text: str) -> str | None:
    """Checks a customer's id, which is kept as it was sent."""
    if not 1 <= len(text) <= limits.CUSTOMER_CHARACTERS:
        return f"Use 1 to {limits.CUSTOMER_CHARACTERS} characters."
    if not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        return "Use no control characters."
    return None
