"""The layouts of printed sheets: where each card or label stands on the paper. Pure.

Lengths are in millimetres, from the upper left corner.
"""

from collections.abc import Iterator
from dataclasses import dataclass

INCH = 25.4
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
MARK = 3.0  # the length of a cut mark


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """`columns` × `rows` boxes of one size in the middle of the paper, as label sheets have it."""

    label: str
    columns: int
    rows: int
    width: float = 0.0  # of a box; 0: the paper without its margins
    height: float = 0.0
    gap: float = 0.0  # between two columns
    cut: bool = False  # whether cut marks are drawn
    only_on: str = ""  # the paper on which such sheets are sold, if they do not fit on others

    @property
    def a_page(self) -> int:
        return self.columns * self.rows

    def is_on(self, paper: str) -> bool:
        return self.only_on in ("", paper)

    def boxes(self, paper: str) -> list[Box]:
        """Row by row."""
        across, down = PAPERS[paper]
        width, height = self.width or across - 2 * _MARGIN, self.height or down - 2 * _MARGIN
        left = (across - self.columns * width - (self.columns - 1) * self.gap) / 2
        top = (down - self.rows * height) / 2
        return [
            Box(left + column * (width + self.gap), top + row * height, width, height)
            for row in range(self.rows)
            for column in range(self.columns)
        ]

    def cut_marks(self, paper: str) -> Iterator[tuple[float, float, float, float]]:
        """Lines from (x, y) to (x, y) beside the boxes, at the corners where they are cut."""
        if not self.cut:
            return
        boxes = self.boxes(paper)
        first, last = boxes[0], boxes[-1]
        right, bottom = last.x + last.width, last.y + last.height
        for x in sorted({edge for box in boxes for edge in (box.x, box.x + box.width)}):
            yield x, first.y - MARK - 1, x, first.y - 1
            yield x, bottom + 1, x, bottom + MARK + 1
        for y in sorted({edge for box in boxes for edge in (box.y, box.y + box.height)}):
            yield first.x - MARK - 1, y, first.x - 1, y
            yield right + 1, y, right + MARK + 1, y


_MARGIN = 20.0  # of a page that one code has for itself
LAYOUTS = {
    "page": Layout("One a page", columns=1, rows=1),
    "cards": Layout("Cards, 10 a page", columns=2, rows=5, width=85, height=54, cut=True),
    "labels_24": Layout(
        "Labels, 24 a page, 63.5 × 33.9 mm, usual on A4",
        columns=3,
        rows=8,
        width=63.5,
        height=33.9,
        gap=2.54,
    ),
    "labels_65": Layout(
        "Labels, 65 a page, 38.1 × 21.2 mm, usual on A4",
        columns=5,
        rows=13,
        width=38.1,
        height=21.2,
        gap=2.54,
    ),
    "labels_30": Layout(
        "Labels, 30 a page, 2⅝ × 1 in, on Letter",
        columns=3,
        rows=10,
        width=2.625 * INCH,
        height=INCH,
        gap=0.125 * INCH,
        only_on="Letter",
    ),
    "labels_80": Layout(
        "Labels, 80 a page, 1¾ × ½ in, on Letter",
        columns=4,
        rows=20,
        width=1.75 * INCH,
        height=0.5 * INCH,
        gap=0.3 * INCH,
        only_on="Letter",
    ),
}
