"""Reads the rows of an export. Pure."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from promint.core.rules import Refusal, Refused, code_cells, limits
from promint.moving.systems import System

DIVIDERS = ",;\t"
NO_END = datetime(2099, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file. `reason`: why it is left out; empty if it is not, and only then the rest
    is known."""

    number: int  # of the line; the first is 1
    typed: str
    reason: str = ""
    value: str = ""  # the code, canonical
    campaign: str = ""
    offer: str = ""
    starts_at: datetime = limits.EARLIEST
    ends_at: datetime = NO_END
    limit: int | None = None  # uses altogether; None: any number
    used: int = 0
    customer: str = ""

    @property
    def once(self) -> bool:
        return self.limit == 1


class Unreadable(Exception):
    """A number or a date that cannot be read."""


@dataclass(frozen=True, slots=True)
class Export:
    rows: list[Row]
    unread: list[str]  # columns with content that mean nothing to Promint


def read(system: System, content: bytes, zone: tzinfo, offer: str = "") -> Export:
    """`zone`: of times without an offset. `offer`: what rows without a discount issue. Raises
    Refused if this is no export of that system."""
    lines = csv.reader(io.StringIO(_text(content), newline=""), delimiter=_divider(content))
    header = [_column(cell) for cell in next(lines, [])]
    _check(system, header)
    reader = _Reader(system, header, zone, offer)
    rows = [reader.row(lines.line_num, cells) for cells in lines if any(map(str.strip, cells))]
    return Export(rows, sorted(reader.filled - reader.known))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(Refusal.UNSUPPORTED_FILE, "The file is not UTF-8 text.") from None


def _divider(content: bytes) -> str:
    head = content.partition(b"\n")[0].decode("utf-8-sig", "replace")
    return max(DIVIDERS, key=head.count)


def _column(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell.strip().lower())


def _check(system: System, header: list[str]) -> None:
    for names in (system.code, system.limit, system.used):
        if not set(names) & set(header):
            wanted = " or ".join(names)
            raise Refused(
                Refusal.UNSUPPORTED_FILE,
                f"The file has no column {wanted}. Export it from {system.label} as well.",
            )


class _Reader:
    def __init__(self, system: System, header: list[str], zone: tzinfo, offer: str) -> None:
        self._system, self._header, self._zone, self._offer = system, header, zone, offer
        self.filled: set[str] = set()
        self.known = {
            *(system.code + system.limit + system.used + system.campaign + system.starts),
            *(system.ends + system.amount + system.kind + system.customer),
            *system.off,
            *system.balances,
        }

    def row(self, number: int, cells: list[str]) -> Row:
        named = dict(zip(self._header, map(str.strip, cells), strict=False))
        self.filled.update(column for column, cell in named.items() if cell)
        system = self._system
        typed = code_cells.read(_first(named, system.code))
        if typed.reason:
            return Row(number, typed.typed, "malformed")
        if _has(named, system.balances):
            return Row(number, typed.typed, "balance")
        if _has(named, system.off):
            return Row(number, typed.typed, "switched_off")
        try:
            return self._whole(number, typed.typed, typed.value, named)
        except Unreadable:
            return Row(number, typed.typed, "unreadable")

    def _whole(self, number: int, typed: str, value: str, named: dict[str, str]) -> Row:
        system = self._system
        offer = self._discount(named) or self._offer
        if not offer:
            return Row(number, typed, "no_discount")
        row = Row(
            number,
            typed,
            value=value,
            campaign=_first(named, system.campaign),
            offer=offer,
            starts_at=self._time(_first(named, system.starts)) or limits.EARLIEST,
            ends_at=self._time(_first(named, system.ends)) or NO_END,
            limit=_whole_number(_first(named, system.limit)) or None,
            used=_whole_number(_first(named, system.used)),
            customer=_first(named, system.customer),
        )
        if not limits.EARLIEST <= row.starts_at < row.ends_at <= limits.LATEST:
            raise Unreadable
        return row

    def _discount(self, named: dict[str, str]) -> str:
        """What the row takes off, in words; empty if it does not say."""
        amount, kind = _first(named, self._system.amount), _first(named, self._system.kind)
        if _column(kind) in self._system.free_shipping:
            return "Free shipping"
        if not amount:
            return ""
        number = abs(_decimal(amount))
        if _column(kind) not in self._system.per_cent:
            return f"{number:,f} off"
        if self._system.share and number == 1:
            raise Unreadable  # 1 % for some programs, 100 % for others
        if self._system.share and number < 1:
            number *= 100
        return f"{number.normalize():f}% off"

    def _time(self, text: str) -> datetime | None:
        """A date is the moment at which it begins."""
        if not text:
            return None
        try:
            if text.isdecimal():
                return datetime.fromtimestamp(int(text), UTC)
            moment = datetime.fromisoformat(text.removesuffix(" UTC"))
        except (ValueError, OverflowError, OSError):
            raise Unreadable from None
        if text.endswith(" UTC"):
            return moment.replace(tzinfo=UTC)
        return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)


def _first(named: dict[str, str], columns: tuple[str, ...]) -> str:
    """The cell of the first of the columns that the file has."""
    return next((named[column] for column in columns if column in named), "")


def _has(named: dict[str, str], wanted: dict[str, frozenset[str]]) -> bool:
    return any(_column(named.get(column, "")) in values for column, values in wanted.items())


def _whole_number(text: str) -> int:
    """An empty cell is 0."""
    number = _decimal(text or "0")
    if number != number.to_integral_value() or not 0 <= number <= limits.ENTRY_CAP_CLAIMS:
        raise Unreadable
    return int(number)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unreadable from None
    if not number.is_finite():
        raise Unreadable
    return number
