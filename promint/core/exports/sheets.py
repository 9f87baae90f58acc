"""Draws codes on sheets of paper, as PDF: each with a heading, its QR code, the code in groups and
the day until which it can be claimed.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import BinaryIO

import segno

from promint.core.exports.fonts import Font
from promint.core.exports.pdf import POINT, Page, PdfFile
from promint.core.exports.printing import Sheet, can_show, font_file, leads_to
from promint.core.exports.xlsx import Cells
from promint.core.rules import canonical, sheets

NOTHING = "No code was available when this was asked for."
_MASK = 2  # one pattern for all QR codes; looking for the best one takes four times as long


class SheetTable:
    """Takes codes in the form of the rows of an export, of which it prints the first column."""

    def __init__(self, file: BinaryIO, sheet: Sheet) -> None:
        self._sheet = sheet
        self._layout = sheets.LAYOUTS[sheet.layout]
        self._boxes = self._layout.boxes(sheet.paper)
        self._font = Font(font_file())
        self._pdf = PdfFile(file, sheets.PAPERS[sheet.paper], self._font)
        self._page: Page | None = None
        self._on_page = 0

    def write(self, rows: Sequence[Cells]) -> None:
        for code, *_ in rows:
            code = code if all(map(can_show, code)) else canonical(code) or ""
            if self._page is None:
                self._page = self._new_page()
            self._draw(self._page, self._boxes[self._on_page], code)
            self._on_page += 1
            if self._on_page == len(self._boxes):
                self._end_page(self._page)

    def close(self) -> None:
        if self._pdf.pages == 0 and self._page is None:
            self._page = self._new_page()
            self._lines(self._page, self._boxes[0], [(NOTHING, 12)])
        if self._page is not None:
            self._end_page(self._page)
        self._pdf.close()

    def _new_page(self) -> Page:
        page = self._pdf.new_page()
        for line in self._layout.cut_marks(self._sheet.paper):
            page.line(*line)
        return page

    def _end_page(self, page: Page) -> None:
        self._pdf.write(page)
        self._page, self._on_page = None, 0

    def _draw(self, page: Page, box: sheets.Box, code: str) -> None:
        """A tall box has the QR code above the text, a wide one beside it."""
        inner = _inset(box)
        if box.height > box.width:
            size = inner.width * 0.5
            self._qr(
                page, inner.x + (inner.width - size) / 2, inner.y + inner.height * 0.3, size, code
            )
            above = sheets.Box(inner.x, inner.y, inner.width, inner.height * 0.25)
            top = inner.y + inner.height * 0.3 + size + 8
            below = sheets.Box(inner.x, top, inner.width, inner.y + inner.height - top)
            self._lines(page, above, [(self._sheet.heading, 30)], middle=True)
            under = [(code, 34), (self._sheet.valid_until, 14)]
            self._lines(page, below, under, middle=True)
            return
        size = min(inner.height, inner.width * 0.42)
        self._qr(page, inner.x, inner.y + (inner.height - size) / 2, size, code)
        left = inner.x + size + min(3, box.width / 25)
        beside = sheets.Box(left, inner.y, inner.x + inner.width - left, inner.height)
        big = box.height / 54 * 13  # points
        texts = [
            (self._sheet.heading, max(8, big)),
            (code, max(10, big * 1.2)),
            (self._sheet.valid_until, max(6, big * 0.6)),
        ]
        self._lines(page, beside, texts)

    def _qr(self, page: Page, x: float, y: float, size: float, code: str) -> None:
        page.squares(x, y, size, segno.make_qr(leads_to(code), mask=_MASK).matrix)

    def _lines(
        self,
        page: Page,
        box: sheets.Box,
        texts: Sequence[tuple[str, float]],
        *,
        middle: bool = False,
    ) -> None:
        """Texts below each other in the middle of a box, each with its largest size in points."""
        lines = [line for text, size in texts if text for line in self._fitted(text, size, box)]
        high = sum(size for _, size in lines) * POINT * 1.3
        scale = min(1.0, box.height / high) if high else 1.0
        y = box.y + (box.height - high * scale) / 2
        for line, size in lines:
            y += size * scale * POINT * 1.3
            wide = self._font.width(line) * size * scale * POINT
            indent = (box.width - wide) / 2 if middle else 0
            page.text(box.x + indent, y - size * scale * POINT * 0.3, size * scale, line)

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
        widest = max(self._font.width(part) for part in parts) * POINT
        return width / max(widest, 0.001)


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
