"""Finds the sheets and the column of a file that hold the values. Pure.

What the sender asked for decides; otherwise a known header; otherwise it is clear if there is only
one possibility. Where nothing decides, nothing is guessed and a person must choose. docs/api.md,
"Uploads".
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from promint.core.reading.sources import Cells, Sheet, Source

SAMPLE = 1_000  # rows of a sheet that are looked at
HEADER_ROWS = 20  # the rows in which a header may stand
SAMPLES_SHOWN = 3
CHOICES_SHOWN = 50


@dataclass(frozen=True)
class Asked:
    """What the sender said about the file. `column`: a header, or a number from 1."""

    column: str = ""
    sheets: tuple[str, ...] = ()
    header: bool | None = None


@dataclass(frozen=True)
class Table:
    """Where values are: in one column of one sheet, below a header row (0: there is none)."""

    sheet: int  # its place, from 0
    name: str
    column: int  # from 0
    header: str
    header_row: int
    chosen: bool = False  # the column was asked for


@dataclass(frozen=True)
class Plan:
    tables: tuple[Table, ...]
    left_out: tuple[str, ...] = ()  # names of sheets

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Plan":
        return cls(tuple(Table(**table) for table in told["tables"]), tuple(told["left_out"]))


class Undecided(Exception):
    """A person must choose. `needed`: "column_needed" or "sheet_needed"."""

    def __init__(self, needed: str, choices: list[dict[str, Any]]) -> None:
        super().__init__(needed)
        self.needed, self.choices = needed, choices


class NotThere(Exception):
    """Something that was asked for is not in the file: the field, and a sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


Rows = list[tuple[int, Cells]]
Header = tuple[int, int, str]  # row, column, text


class Chooser:
    """`known`: header words, as `word` makes them. `is_value`: whether a cell could be one of
    the values, so that it is no header."""

    def __init__(
        self,
        asked: Asked,
        known: Collection[str],
        word: Callable[[str], str],
        is_value: Callable[[str], bool],
    ) -> None:
        self._asked, self._known, self._word, self._is_value = asked, known, word, is_value

    def plan(self, source: Source) -> Plan:
        """Raises Undecided, NotThere and Unreadable."""
        places = self._places(source)
        samples = {place: list(islice(source.rows(place, SAMPLE), SAMPLE)) for place in places}
        chosen = self._sheets(source.sheets, samples)
        tables = tuple(self._table(p, source.sheets[p], samples[p]) for p in chosen)
        left_out = [s.name for place, s in enumerate(source.sheets) if place not in chosen]
        return Plan(tables, tuple(left_out))

    def _places(self, source: Source) -> list[int]:
        """The places of the sheets that were named, hidden or not; without names, of all visible
        ones."""
        by_name = {sheet.name: place for place, sheet in enumerate(source.sheets)}
        for name in self._asked.sheets:
            if name not in by_name:
                there = ", ".join(filter(None, (s.name for s in source.sheets[:CHOICES_SHOWN])))
                there = f"There are: {there}." if there else "Files of this kind have none."
                raise NotThere("sheet", f"There is no sheet {name!r}. {there}")
        if self._asked.sheets:
            return sorted({by_name[name] for name in self._asked.sheets})
        return [place for place, sheet in enumerate(source.sheets) if sheet.visible]

    def _sheets(self, sheets: list[Sheet], samples: dict[int, Rows]) -> list[int]:
        filled = [place for place, rows in samples.items() if rows]
        if self._asked.sheets:
            return filled
        headed = [place for place in filled if self._headers(samples[place])]
        if headed or len(filled) <= 1:
            return headed or filled
        raise Undecided("sheet_needed", [_sheet_choice(sheets[p], samples[p]) for p in filled])

    def _table(self, place: int, sheet: Sheet, rows: Rows) -> Table:
        header = self._header(rows)
        column = self._asked_column(rows)
        if header is not None and column in (None, header[1]):
            return Table(place, sheet.name, header[1], header[2], header[0])
        if column is None:
            column = self._only_column(rows)
        row, text = self._header_above(rows, column, header)
        return Table(place, sheet.name, column, text, row, chosen=bool(self._asked.column))

    def _asked_column(self, rows: Rows) -> int | None:
        asked = self._asked.column
        if not asked:
            return None
        filled = {column for _, cells in rows for column in cells}
        if asked.isascii() and asked.isdecimal() and int(asked[:6]) - 1 in filled:
            return int(asked) - 1
        named = {column for _, column, _ in self._cells_named({self._word(asked)}, rows)}
        if len(named) == 1:
            return named.pop()
        raise NotThere("column", f"There is no column {asked!r} with anything in it.")

    def _header(self, rows: Rows) -> Header | None:
        """The header of the column that was asked for by its name, otherwise the known header;
        None if there is none, or headers are found in several columns."""
        found = self._headers(rows)
        if len(_columns(found)) > 1:
            found = self._of_one_column(found, rows)
        return self._last_of_title(found, rows) if len(_columns(found)) == 1 else None

    def _headers(self, rows: Rows) -> list[Header]:
        """Cells that could be the header."""
        if self._asked.header is False:
            return []
        asked = self._asked.column
        words = {self._word(asked)} if asked and not asked.isdecimal() else self._known
        found = self._cells_named(words, rows)
        if words is self._known:
            found = [one for one in found if not self._is_among_values(one, rows)]
        return found

    def _of_one_column(self, found: list[Header], rows: Rows) -> list[Header]:
        """Those of the known words in several columns that are the header; words of several
        columns if that cannot be told. The others are titles above it, or values ("Voucher" in a
        column of kinds)."""
        found = [one for one in found if any(True for _ in _below(one, rows))]
        if len(_columns(found)) < 2:
            return found
        first = [one for one in found if one[0] == found[0][0]]
        others = [one for one in found if self._could_follow(found[0], one, rows)]
        headers = [one for one in others if any(map(_DIGIT.search, _below(one, rows)))]
        is_alone = len(dict(rows)[first[0][0]]) == 1
        if headers and is_alone and first[0][1] < headers[0][1]:  # the first is a title
            return [one for one in headers if one[0] == headers[0][0]]
        if headers or (others and is_alone):
            return found
        return [one for one in found if one[1] in _columns(first)]

    def _could_follow(self, first: Header, other: Header, rows: Rows) -> bool:
        """Whether a known word of another column could be the header below a title: there is no
        digit in its row, and no value between the two."""
        row, column, _ = first
        between = [cells.get(column, "") for at, cells in rows if row < at < other[0]]
        return (
            other[1] != column
            and not any(map(_DIGIT.search, dict(rows)[other[0]].values()))
            and not any(self._is_value(text) and _DIGIT.search(text) for text in between)
        )

    def _is_among_values(self, header: Header, rows: Rows) -> bool:
        """Whether a known word stands in a row with a value. Then it is not a header, but for
        instance a kind ("Voucher") or a remark."""
        others = (text for column, text in dict(rows)[header[0]].items() if column != header[1])
        return any(_DIGIT.search(text) and self._is_value(text) for text in others)

    def _cells_named(self, words: Collection[str], rows: Rows) -> list[Header]:
        return [
            (row, column, text)
            for row, cells in rows
            if row <= HEADER_ROWS
            for column, text in cells.items()
            if self._word(text) in words
        ]

    def _last_of_title(self, found: list[Header], rows: Rows) -> Header:
        """The last of these headers that has no value above it, because a title may be a known
        word too."""
        best = found[0]
        for header in found[1:]:
            between = (c for row, c in rows if best[0] < row < header[0])
            if any(self._is_value(cells.get(header[1], "")) for cells in between):
                break
            best = header
        return best

    def _header_above(self, rows: Rows, column: int, header: Header | None) -> tuple[int, str]:
        """The header row of a column that was not found by its header."""
        if self._asked.header is False:
            return 0, ""
        known = self._cells_named(set(self._known), rows)
        if header is not None or known:
            row = header[0] if header is not None else known[0][0]
        elif self._asked.header:
            row = rows[0][0]
        else:
            return 0, ""
        return row, dict(rows).get(row, {}).get(column, "")

    def _only_column(self, rows: Rows) -> int:
        columns = sorted({column for _, cells in rows for column in cells})
        if len(columns) == 1:
            return columns[0]
        shown = [_column_choice(column, rows) for column in columns[:CHOICES_SHOWN]]
        raise Undecided("column_needed", shown)


def _column_choice(column: int, rows: Rows) -> dict[str, Any]:
    """A column that a person can choose. The first row has headers if no cell in it has a digit."""
    first = {} if any(map(_DIGIT.search, rows[0][1].values())) else rows[0][1]
    values = rows[1:] if first else rows
    samples = islice((str(cells[column]) for _, cells in values if column in cells), SAMPLES_SHOWN)
    return {"number": column + 1, "header": first.get(column), "samples": list(samples)}


def _columns(found: list[Header]) -> set[int]:
    return {column for _, column, _ in found}


def _below(header: Header, rows: Rows) -> Iterator[str]:
    return (cells[header[1]] for row, cells in rows if row > header[0] and header[1] in cells)


_DIGIT = re.compile("[0-9]")


def _sheet_choice(sheet: Sheet, rows: Rows) -> dict[str, Any]:
    first = (" · ".join(cells.values()) for _, cells in rows)
    return {"sheet": sheet.name, "rows": len(rows), "samples": list(islice(first, SAMPLES_SHOWN))}
