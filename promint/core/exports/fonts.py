"""The letters of a font file, as a PDF shows and holds them: only those that were used."""

import io
import logging
from collections.abc import Callable

import pydyf
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every step
_TABLES = {"glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep", "fpgm", "cvt "}  # a PDF needs
_SYMBOLS = 4  # the flag of a font whose letters are chosen by their number in the font
_STEM = 80  # how thick letters are; readers need it only where a font is missing


class Font:
    def __init__(self, file: str) -> None:
        self._file = file
        self._font = TTFont(file, lazy=True)
        self._glyph_names = self._font.getBestCmap()
        self._unit: float = 1 / self._font["head"].unitsPerEm
        self._used: dict[str, tuple[int, int]] = {}  # of each letter, its number and its width

    def width(self, text: str) -> float:
        """Of a line whose size is 1."""
        return float(sum(self._known(letter)[1] for letter in text) * self._unit)

    def glyphs(self, text: str) -> str:
        """The numbers of its letters in the font, in hexadecimal digits, four a letter."""
        return "".join(f"{self._known(letter)[0]:04x}" for letter in text)

    def _known(self, letter: str) -> tuple[int, int]:
        if letter not in self._used:
            name = self._glyph_names[ord(letter)]
            self._used[letter] = self._font.getGlyphID(name), self._font["hmtx"][name][0]
        return self._used[letter]

    def write(self, write: Callable[[pydyf.Object], bytes]) -> bytes:
        """Writes the font's objects, each by a call that returns a reference to it, and returns a
        reference to the font."""
        letters = self._subset()
        file = write(pydyf.Stream([letters], {"Length1": len(letters)}, compress=True))
        description = write(self._description(file))
        shapes = {
            "Type": "/Font",
            "Subtype": "/CIDFontType2",
            "BaseFont": self._name(),
            "CIDSystemInfo": pydyf.Dictionary(
                {"Registry": "(Adobe)", "Ordering": "(Identity)", "Supplement": 0}
            ),
            "FontDescriptor": description,
            "CIDToGIDMap": "/Identity",
            "W": self._widths(),
        }
        font = {
            "Type": "/Font",
            "Subtype": "/Type0",
            "BaseFont": self._name(),
            "Encoding": "/Identity-H",
            "DescendantFonts": pydyf.Array([write(pydyf.Dictionary(shapes))]),
            "ToUnicode": write(pydyf.Stream([self._meanings()], compress=True)),
        }
        return write(pydyf.Dictionary(font))

    def _subset(self) -> bytes:
        """A font file of the letters that were used, in which they keep their numbers."""
        font = TTFont(self._file, lazy=True)
        font_tables = {table for table in font.keys() if table != "GlyphOrder"}  # noqa: SIM118
        for table in font_tables - _TABLES - {"cmap"}:
            del font[table]
        subsetter = Subsetter(Options(retain_gids=True, notdef_outline=True))
        subsetter.populate(unicodes=map(ord, self._used))
        subsetter.subset(font)
        del font["cmap"]
        made = io.BytesIO()
        font.save(made)
        return made.getvalue()

    def _description(self, file: bytes) -> pydyf.Dictionary:
        head, lines = self._font["head"], self._font["hhea"]
        box = [head.xMin, head.yMin, head.xMax, head.yMax]
        return pydyf.Dictionary(
            {
                "Type": "/FontDescriptor",
                "FontName": self._name(),
                "Flags": _SYMBOLS,
                "FontBBox": pydyf.Array(map(self._in_thousandths, box)),
                "ItalicAngle": 0,
                "Ascent": self._in_thousandths(lines.ascent),
                "Descent": self._in_thousandths(lines.descent),
                "CapHeight": self._in_thousandths(self._font["OS/2"].sCapHeight),
                "StemV": _STEM,
                "FontFile2": file,
            }
        )

    def _widths(self) -> pydyf.Array:
        """Of each letter its number, and in brackets its width."""
        known = sorted(set(self._used.values()))
        return pydyf.Array(f"{number} [{self._in_thousandths(wide)}]" for number, wide in known)

    def _in_thousandths(self, length: int) -> int:
        return round(length * 1000 * self._unit)

    def _name(self) -> str:
        """Six letters in front say that it is a part of the font."""
        return f"/SHEETS+{self._font['name'].getDebugName(6)}"

    def _meanings(self) -> bytes:
        """Which letter each number stands for, so that text can be found and copied."""
        lines = [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CMapName /Sheets def /CMapType 2 def",
            "1 begincodespacerange <0000> <ffff> endcodespacerange",
        ]
        known = sorted((number, letter) for letter, (number, _) in self._used.items())
        for start in range(0, len(known), 100):  # more must not stand in one block
            part = known[start : start + 100]
            lines.append(f"{len(part)} beginbfchar")
            lines += [f"<{n:04x}> <{letter.encode('utf-16-be').hex()}>" for n, letter in part]
            lines.append("endbfchar")
        lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
        return "\n".join(lines).encode()
