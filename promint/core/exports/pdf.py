"""Writes a PDF page after page. Of the pages that are written, nothing is kept but the place of
each object in the file, which the table at a PDF's end lists.

Every page has one size and one font. Lengths of pages are in millimetres, from the upper left
corner, and sizes of text are in points.
"""

from array import array
from collections.abc import Sequence
from typing import BinaryIO

import pydyf

from promint.core.exports.fonts import Font

POINT = 25.4 / 72  # millimetres
A_NODE = 200  # pages under one node of the tree through which a reader finds a page


class Page:
    def __init__(self, font: Font, high: float) -> None:
        self._font, self._high = font, high
        self.content = pydyf.Stream(compress=True)

    def line(self, x: float, y: float, to_x: float, to_y: float) -> None:
        self.content.set_line_width(0.1 / POINT)
        self.content.move_to(*self._place(x, y))
        self.content.line_to(*self._place(to_x, to_y))
        self.content.stroke()

    def squares(self, x: float, y: float, size: float, dark: Sequence[Sequence[int]]) -> None:
        """As many squares high as wide, of which those that are true are black: an image of one
        bit a square."""
        wide = len(dark)
        padded = -(-wide // 8) * 8
        bits = b"".join(
            int("".join("0" if one else "1" for one in row).ljust(padded, "1"), 2).to_bytes(
                padded // 8
            )
            for row in dark
        )
        self.content.push_state()
        left, bottom = self._place(x, y + size)
        self.content.set_matrix(size / POINT, 0, 0, size / POINT, left, bottom)
        # In hexadecimal, because readers look for the "EI" at its end, which nothing else has then.
        head = f"BI /W {wide} /H {wide} /BPC 1 /CS /G /F /AHx ID {bits.hex()}>"
        self.content.stream.append(head.encode() + b" EI")
        self.content.pop_state()

    def text(self, x: float, y: float, size: float, text: str) -> None:
        """One line of text, whose letters stand on y."""
        self.content.begin_text()
        self.content.set_font_size("F", size)
        self.content.move_text_to(*self._place(x, y))
        self.content.show_text(f"<{self._font.glyphs(text)}>")
        self.content.end_text()

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return x / POINT, (self._high - y) / POINT


class PdfFile:
    """`file`: empty and open for writing. `size`: width and height of the pages."""

    def __init__(self, file: BinaryIO, size: tuple[float, float], font: Font) -> None:
        self._file, self._size, self._font = file, size, font
        self._places = array("Q", [0])  # of each object, by its number; number 0 is not used
        self.pages = 0
        self._nodes: list[int] = []
        self._in_node: list[int] = []  # the pages of the last node, which is not written yet
        self._file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._root = self._number()

    def new_page(self) -> Page:
        return Page(self._font, self._size[1])

    def write(self, page: Page) -> None:
        if not self._in_node:
            self._nodes.append(self._number())
        node = self._nodes[-1]
        content = self._write(page.content)
        parts = {"Type": "/Page", "Parent": _to(node), "Contents": _to(content)}
        self._in_node.append(self._write(pydyf.Dictionary(parts)))
        self.pages += 1
        if len(self._in_node) == A_NODE:
            self._end_node()

    def _end_node(self) -> None:
        kids = pydyf.Array(map(_to, self._in_node))
        parts = {"Type": "/Pages", "Parent": _to(self._root), "Kids": kids, "Count": len(kids)}
        self._write(pydyf.Dictionary(parts), self._nodes[-1])
        self._in_node.clear()

    def close(self) -> None:
        """Write the font, of which it is known now which letters are used, and the end."""
        if self._in_node:
            self._end_node()
        font = self._font.write(lambda one: _to(self._write(one)))
        fonts = pydyf.Dictionary({"Font": pydyf.Dictionary({"F": font})})
        root = {
            "Type": "/Pages",
            "Kids": pydyf.Array(map(_to, self._nodes)),
            "Count": self.pages,
            "MediaBox": pydyf.Array([0, 0, *(length / POINT for length in self._size)]),
            "Resources": fonts,
        }
        self._write(pydyf.Dictionary(root), self._root)
        catalog = pydyf.Dictionary({"Type": "/Catalog", "Pages": _to(self._root)})
        self._write_end(self._write(catalog))

    def _write_end(self, catalog: int) -> None:
        at = self._file.tell()
        count = len(self._places)
        self._file.write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        self._file.writelines(b"%010d 00000 n \n" % place for place in self._places[1:])
        trailer = pydyf.Dictionary({"Size": count, "Root": _to(catalog)})
        self._file.write(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer.data, at))

    def _number(self) -> int:
        """A number for an object that is written later."""
        self._places.append(0)
        return len(self._places) - 1

    def _write(self, one: pydyf.Object, number: int | None = None) -> int:
        number = self._number() if number is None else number
        self._places[number] = self._file.tell()
        one.number = number
        self._file.write(one.indirect + b"\n")
        return number


def _to(number: int) -> bytes:
    """A reference to an object."""
    return b"%d 0 R" % number
