"""Draws codes on sheets of paper, as PDF: each with a heading, its QR code, the code in groups and
the day until which it can be claimed.

A QR code is an image of one bit a square, which takes a few hundred bytes of a page.
"""

import logging
import re
import unicodedata
from collections.abc import Sequence
from typing import BinaryIO

import segno
from fpdf import FPDF

from promint.core.exports.printing import Sheet, can_show, font_file, leads_to
from promint.core.exports.xlsx import Cells
from promint.core.rules import canonical, sheets

POINT = 25.4 / 72  # millimetres
NOTHING = "No code was available when this was asked for."
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every step
_MASK = 2  # one pattern for all QR codes; looking for the best one takes four times as long


class SheetTable:
    """Takes codes in the form of the rows of an export, of which it prints the first column."""

    def __init__(self, file: BinaryIO, sheet: Sheet) -> None:
        self._file, self._sheet = file, sheet
        self._layout = sheets.LAYOUTS[sheet.layout]
        self._boxes = self._layout.boxes(sheet.paper)
        self._pdf = FPDF(unit="mm", format=sheets.PAPERS[sheet.paper])
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.add_font("sheet", "", font_file())
        self._pdf.set_font("sheet")
        self._printed = 0

    def write(self, rows: Sequence[Cells]) -> None:
        for code, *_ in rows:
            code = code if all(map(can_show, code)) else canonical(code) or ""
            place = self._printed % len(self._boxes)
            if not place:
                self._begin_page()
            self._draw(self._boxes[place], code)
            self._printed += 1

    def close(self) -> None:
        if not self._printed:
            self._begin_page()
            self._lines(self._boxes[0], [(NOTHING, 12)])
        self._pdf.output(self._file)

    def _begin_page(self) -> None:
        self._pdf.add_page()
        self._pdf.set_line_width(0.1)
        for line in self._layout.cut_marks(self._sheet.paper):
            self._pdf.line(*line)

    def _draw(self, box: sheets.Box, code: str) -> None:
        """A tall box has the QR code above the text, a wide one beside it."""
        inner = _inset(box)
        if box.height > box.width:
            size = inner.width * 0.5
            self._qr(inner.x + (inner.width - size) / 2, inner.y + inner.height * 0.3, size, code)
            above = sheets.Box(inner.x, inner.y, inner.width, inner.height * 0.25)
            top = inner.y + inner.height * 0.3 + size + 8
            below = sheets.Box(inner.x, top, inner.width, inner.y + inner.height - top)
            self._lines(above, [(self._sheet.heading, 30)], middle=True)
            under = [(code, 34), (self._sheet.valid_until, 14)]
            self._lines(below, under, middle=True)
            return
        size = min(inner.height, inner.width * 0.42)
        self._qr(inner.x, inner.y + (inner.height - size) / 2, size, code)
        left = inner.x + size + min(3, box.width / 25)
        beside = sheets.Box(left, inner.y, inner.x + inner.width - left, inner.height)
        big = box.height / 54 * 13  # points
        texts = [
            (self._sheet.heading, max(8, big)),
            (code, max(10, big * 1.2)),
            (self._sheet.valid_until, max(6, big * 0.6)),
        ]
        self._lines(beside, texts)

    def _qr(self, x: float, y: float, size: float, code: str) -> None:
        """Written into the page as an inline image, for which fpdf2 has no function."""
        squares = segno.make_qr(leads_to(code), mask=_MASK).matrix
        wide = len(squares)
        rows = (
            int("".join("0" if dark else "1" for dark in row).ljust(-(-wide // 8) * 8, "1"), 2)
            for row in squares
        )
        bits = "".join(f"{row:0{-(-wide // 8) * 2}x}" for row in rows)
        k, high = self._pdf.k, self._pdf.h
        self._pdf._out(
            f"q {size * k:.3f} 0 0 {size * k:.3f} {x * k:.3f} {(high - y - size) * k:.3f} cm"
            f" BI /W {wide} /H {wide} /IM true /F /AHx ID {bits}> EI Q"
        )

    def _lines(
        self, box: sheets.Box, texts: Sequence[tuple[str, float]], *, middle: bool = False
    ) -> None:
        """Texts below each other in the middle of a box, each with its largest size in points."""
        lines = [line for text, size in texts if text for line in self._fitted(text, size, box)]
        high = sum(size for _, size in lines) * POINT * 1.3
        scale = min(1.0, box.height / high) if high else 1.0
        y = box.y + (box.height - high * scale) / 2
        for line, size in lines:
            y += size * scale * POINT * 1.3
            self._pdf.set_font_size(size * scale)
            indent = (box.width - self._pdf.get_string_width(line)) / 2 if middle else 0
            self._pdf.text(box.x + indent, y - size * scale * POINT * 0.3, line)

    def _fitted(self, text: str, size: float, box: sheets.Box) -> list[tuple[str, float]]:
        """The text in one line, or in two if it would be smaller than 70 % then, as large as it
        fits."""
        text = unicodedata.normalize("NFC", text)
        parts = [text]
        if (fit := self._fit(parts, box.width)) < 0.7 * size:
            halves = _halves(text)
            if (better := self._fit(halves, box.width)) > fit:
                parts, fit = halves, better
        return [(part, min(size, fit)) for part in parts]

    def _fit(self, parts: list[str], width: float) -> float:
        """The largest size in points with which each part fits into the width."""
        self._pdf.set_font_size(10)
        widest = max(self._pdf.get_string_width(part) for part in parts)
        return 10 * width / max(widest, 0.01)


def _inset(box: sheets.Box) -> sheets.Box:
    by = min(box.width, box.height) * 0.08
    return sheets.Box(box.x + by, box.y + by, box.width - 2 * by, box.height - 2 * by)


def _halves(text: str) -> list[str]:
    """Divided at the space or dash that is nearest to the middle, if there is one."""
    ends = [found.end() for found in re.finditer(r"[ -]", text)]
    if not ends:
        return [text]
    at = min(ends, key=lambda end: abs(end - len(text) / 2))
    return [text[:at].strip(), text[at:].strip()]
