"""The sentences that customers read, in the languages of `locale`; English is in the rules."""

import re
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

from promint.core.rules import CUSTOMER_MESSAGES, Verdict

ENGLISH = "en"
_LOCALE = Path(__file__).with_name("locale")
_LONGEST = 500  # characters of Accept-Language that are looked at
_RANGE = re.compile(r"([a-z]{1,8}|\*)(?:-[a-z0-9]{1,8})*", re.IGNORECASE | re.ASCII)
_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE | re.ASCII)


def _read(file: Path) -> dict[Verdict, str]:
    with file.open("rb") as opened:
        translated = {message.id: message.string for message in read_po(opened)}
    return {verdict: str(translated[english]) for verdict, english in CUSTOMER_MESSAGES.items()}


SENTENCES = {ENGLISH: CUSTOMER_MESSAGES}
SENTENCES |= {file.parts[-3]: _read(file) for file in sorted(_LOCALE.glob("*/*/customers.po"))}
_LANGUAGES = {text: language for language, those in SENTENCES.items() for text in those.values()}


def of_sentence(sentence: str | None) -> str | None:
    """The language of one of the sentences. None: it is not one of them."""
    return None if sentence is None else _LANGUAGES.get(sentence)


@lru_cache(1_000)
def chosen(accepted: str) -> str:
    """The language for an Accept-Language header: the most wanted one that there is, or English.
    A regional one is served by its language."""
    for language in _by_weight(accepted[:_LONGEST]):
        if language == "*":
            return ENGLISH
        if language in SENTENCES:
            return language
    return ENGLISH


def _by_weight(accepted: str) -> list[str]:
    """The languages that are wanted at all, the most wanted first. What cannot be read is left
    out."""
    wanted = []
    for part in accepted.split(","):
        name, _, weight = (piece.strip() for piece in part.partition(";"))
        weighed = _WEIGHT.fullmatch(weight or "q=1")
        if weighed and float(weighed[1]) and (named := _RANGE.fullmatch(name)):
            wanted.append((-float(weighed[1]), named[1].lower()))
    return [language for _, language in sorted(wanted, key=lambda one: one[0])]
