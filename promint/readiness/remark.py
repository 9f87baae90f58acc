"""A line of the report, and how bad it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class Mark(IntEnum):
    """The worst remark is the line's. A warning is about something that works, but is hardly meant
    for going live, or could not be seen from here."""

    FINE = 0
    WARNING = 1
    NOT_FINE = 2

    @property
    def words(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Remark:
    mark: Mark
    sentence: str  # what was found and, if it is not fine, what to do


def fine(sentence: str) -> Remark:
    return Remark(Mark.FINE, sentence)


def warning(sentence: str) -> Remark:
    return Remark(Mark.WARNING, sentence)


def not_fine(sentence: str) -> Remark:
    return Remark(Mark.NOT_FINE, sentence)


@dataclass(frozen=True)
class Line:
    name: str
    remarks: Sequence[Remark]

    @property
    def mark(self) -> Mark:
        return max(remark.mark for remark in self.remarks)

    @property
    def text(self) -> str:
        """One line, the worst first, whatever line breaks other programs' words have."""
        worst_first = sorted(self.remarks, key=lambda remark: -remark.mark)
        said = " ".join(" ".join(remark.sentence.split()) for remark in worst_first)
        return f"{self.name:<14} {self.mark.words:<9} {said}"
