"""Decides which cells of a file are codes. Pure.

This is stricter than `canonical`, which forgives customers' typing: parts of a cell are never
joined to a code that nobody wrote there. docs/api.md, "Uploads".
"""

import re
import unicodedata
from typing import NamedTuple

from promint.core.rules import limits
from promint.core.rules.codewords import BETWEEN, canonical

PROSE_WORDS = 3
MOST_DIGITS = 15  # a number with more digits is rounded by some programs

# Header words, as `header_word` makes them, in the languages that files come in.
HEADERS = frozenset(
    word
    for words in (
        # English
        "code codes coupon coupons couponcode couponcodes promocode promocodes promotioncode"
        " promotioncodes promotionalcode promotionalcodes discountcode discountcodes voucher"
        " vouchers vouchercode vouchercodes giftcode giftcodes accesscode accesscodes"
        " redemptioncode redemptioncodes serial serials serialnumber serialnumbers",
        # German
        "gutschein gutscheine gutscheincode gutscheincodes gutscheinnummer aktionscode"
        " aktionscodes rabattcode rabattcodes geschenkcode geschenkcodes zugangscode"
        " zugangscodes einlosecode einlosecodes einloesecode einloesecodes seriennummer"
        " seriennummern",
        # French
        "codecoupon codepromo codespromo codepromotion codepromotionnel codespromotionnels"
        " codereduction codedereduction codesdereduction coderemise codederemise"
        " bon bons bondachat codebon codecadeau codescadeaux codedacces codeacces codedechange"
        " codedutilisation numerodeserie",
        # Spanish
        "codigo codigos cupon cupones codigocupon codigodecupon codigodelcupon codigopromo"
        " codigopromocional codigospromocionales codigodepromocion codigodescuento"
        " codigodedescuento codigosdedescuento vale vales codigodevale codigovale bono bonos"
        " codigoregalo codigoderegalo codigodeacceso codigodecanje numerodeserie",
        # Italian
        "codice codici codicecoupon codicepromo codicipromo codicepromozione codicepromozionale"
        " codicipromozionali codicesconto codicisconto buono buoni codicebuono codicevoucher"
        " codiceregalo codiceaccesso codicediaccesso codicediriscatto seriale seriali"
        " numerodiserie",
        # Dutch
        "kortingscode kortingscodes actiecode actiecodes promotiecode promotiecodes waardebon"
        " waardebonnen tegoedbon boncode cadeaucode cadeaucodes cadeauboncode toegangscode"
        " toegangscodes inwisselcode inwisselcodes verzilvercode serienummer serienummers",
        # Portuguese
        "cupom cupons cupao cupoes codigocupom codigodecupom codigodocupom codigodepromocao"
        " codigodesconto codigodedesconto codigosdedesconto codigodovoucher codigovoucher"
        " codigopresente codigodepresente codigodeacesso codigoderesgate",
    )
    for word in words.split()
)


def header_word(text: str) -> str:
    """A header without case, accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalnum())


def is_header(cell: str) -> bool:
    return header_word(cell) in HEADERS


class Read(NamedTuple):
    """A cell that was read. `value` is the canonical code. It is empty if the cell is no code, and
    then `reason` says why."""

    typed: str
    value: str
    reason: str


def read(cell: str) -> Read:
    """Read a cell. `cell` is the trimmed text that a person sees."""
    typed = unguarded(cell)
    plain = typed if typed.isascii() else _plain(typed)
    if (
        len(typed) > limits.TYPED_CODE_CHARACTERS
        or _GROUPS.fullmatch(plain) is None
        or _is_prose(plain)
        or _are_several(plain)
    ):
        return Read(typed, "", "malformed")
    if (whole := without_zero_fraction(plain)) is not None:
        typed = plain = whole.typed
        if whole.reason:
            return whole
    value = _canonical(typed) if typed is plain else canonical(typed)
    return Read(typed, value, "") if value else Read(typed, "", "malformed")


def without_zero_fraction(plain: str) -> Read | None:
    """The digits of a text like "20260165.0", which a program took for a number. The reason says
    when there are more digits than numbers keep. The result is None for any other text."""
    if not _WHOLE_FLOAT.fullmatch(plain):
        return None
    digits = plain.partition(".")[0]
    return Read(digits, "", "number_too_long" if len(digits) > MOST_DIGITS else "")


def _canonical(typed: str) -> str | None:
    """The same as `canonical`, but faster, for groups of letters and digits, which nearly all
    cells are."""
    value = typed.translate(_SEPARATORS).upper()
    least, most = limits.CODE_CHARACTERS
    return value if least <= len(value) <= most else None


_SEPARATORS = str.maketrans("", "", " ._-")
_GROUPS = re.compile(r"[A-Za-z0-9]+(?:[ ._-][A-Za-z0-9]+)*+")
_WHOLE_FLOAT = re.compile(r"[0-9]+\.0+")
_AS_FORMULA = re.compile(r'="([^"]*)"')


def unguarded(cell: str) -> str:
    """The cell without what people and programs put around a text to stop spreadsheet programs from
    changing it."""
    if cell[:1] == "'":
        cell = cell[1:].strip()
    formula = _AS_FORMULA.fullmatch(cell) if cell[:1] == "=" else None
    return formula[1].strip() if formula else cell


def _plain(typed: str) -> str:
    """The text with a hyphen for every kind of dash, and without invisible characters."""
    normal = unicodedata.normalize("NFKC", typed)
    kinds = ((c, unicodedata.category(c)) for c in normal)
    return "".join("-" if kind == "Pd" else c for c, kind in kinds if kind != "Cf").strip()


def _is_prose(plain: str) -> bool:
    return plain.count(" ") >= PROSE_WORDS - 1 and plain.upper() != plain


def _are_several(plain: str) -> bool:
    """Whether spaces divide codes that are written with other signs: "AB-12 AB-13"."""
    return " " in plain and all(_IN_GROUPS.search(one) for one in plain.split(" "))


_IN_GROUPS = re.compile("[._-]")


def one_a_line(pasted: str) -> str:
    """Pasted codes with one on each line. Several on one of many lines are divided only if the
    lines are no table, from whose columns a person has to choose, and all have one length."""
    lines = pasted.strip().splitlines()
    pieces = [[one.strip() for one in BETWEEN.split(line.strip())] for line in lines]
    if len(pieces) == 1 and len(pieces[0]) == 1:
        spaced = pasted.split()
        return "\n".join(spaced) if _are_several(" ".join(spaced)) else pasted
    if len(pieces) == 1:
        return "\n".join(pieces[0])
    is_table = len({len(line) for line in pieces}) == 1
    whole = [one for line in pieces for one in line if one]
    lengths = {len(value) if _DIGIT.search(value := read(one).value) else 0 for one in whole}
    return pasted if is_table or 0 in lengths or len(lengths) > 1 else "\n".join(whole)


class Lengths:
    """How long the codes of a file are. This distinguishes a code from a total or a note at the
    end."""

    def __init__(self) -> None:
        self._with_digits: dict[int, int] = {}  # how many codes have each length
        self.without_digits = 0

    def count(self, value: str) -> bool:
        """Counts the length of a code. Returns whether the code has a digit."""
        if _DIGIT.search(value) is None:
            self.without_digits += 1
            return False
        self._with_digits[len(value)] = self._with_digits.get(len(value), 0) + 1
        return True

    def is_unlike(self, value: str) -> bool:
        """Whether a code without a digit is an exception: nearly all others have digits and another
        length."""
        digits = sum(self._with_digits.values())
        other = digits - self._with_digits.get(len(value), 0)
        few = max(FEW, (digits + self.without_digits) // 100)
        return digits > 0 and self.without_digits <= min(few, digits) and other * 100 >= digits * 99


FEW = 3  # so many codes without digits are an exception even if the file has few codes
_DIGIT = re.compile("[0-9]")
