"""What the codes of a format look like, how many there can be, and how hard they are to guess."""

import math
from dataclasses import dataclass

from promint.core.rules import checks, codewords, limits

_SAMPLE = "7KXM2QWD9FHTR4ZC5JNB8VPG6YS3DK7H"  # symbols of codewords.ALPHABET


@dataclass(frozen=True)
class CodeSpace:
    prefix: str
    length: int  # characters after the prefix
    existing: int  # codes of this format

    @staticmethod
    def possible(prefix: str, length: int) -> bool:
        least, most = limits.GENERATED_CHARACTERS
        return checks.prefix(prefix) is None and least <= length <= most

    @property
    def sample(self) -> tuple[str, str]:
        """A code of this format, always the same, in two parts: all but the check character, and
        the check character."""
        start = self.prefix + _SAMPLE[: self.length - 1]
        check = next(c for c in codewords.ALPHABET if not codewords.looks_mistyped(start + c))
        shown = codewords.grouped(start + check, self.prefix)
        return shown[:-1], check

    @property
    def random_characters(self) -> int:
        return self.length - 1

    @property
    def possibilities(self) -> tuple[str, int]:
        """The number as a power of ten: the figure before it, and the exponent."""
        exponent = int(math.log10(codewords.possibilities(self.length)))
        return f"{codewords.possibilities(self.length) / 10**exponent:.1f}", exponent

    @property
    def bits(self) -> int:
        return round(math.log2(codewords.possibilities(self.length)))

    @property
    def room(self) -> int:
        return codewords.room(self.length, self.existing)

    @property
    def odds(self) -> str:
        """The chance of one guess if a million codes of this format exist, or more if there are
        more."""
        codes = max(self.existing, 1_000_000)
        return f"1 in {in_words(codewords.possibilities(self.length) // codes)}"

    @property
    def odds_among(self) -> int:
        return max(self.existing, 1_000_000)


def in_words(number: int) -> str:
    """A number in words, like 7.8 quadrillion, rounded down. Below a million, the number itself."""
    names = ["million", "billion", "trillion", "quadrillion", "quintillion", "sextillion"]
    if number < 10**6:
        return f"{number:,}"
    power = (len(str(number)) - 1) // 3 - 2
    if power > len(names) - 1:
        return f"over 1,000 {names[-1]}"
    hundredths = number // 10 ** (3 * power + 4)
    return f"{hundredths / 100:.2f}"[:4].rstrip("0").rstrip(".") + f" {names[power]}"
