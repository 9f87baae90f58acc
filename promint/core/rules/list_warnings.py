"""What the owner of a list is warned of, and in which words. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from promint.core.rules import limits
from promint.core.rules.webhooks import CAP_NEAR, Stock


class ListWarning(StrEnum):
    """These are reached together with the events of the same limits: Event.LIST_…"""

    CAP_NEAR = "cap_near"
    CAP_REACHED = "cap_reached"
    LOW_STOCK = "low_stock"
    ENDS_SOON = "ends_soon"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    ListWarning.CAP_NEAR: f"{CAP_NEAR}% of the cap is claimed",
    ListWarning.CAP_REACHED: "The cap is reached",
    ListWarning.LOW_STOCK: "10% of the codes or fewer are left",
    ListWarning.ENDS_SOON: f"It ends within {limits.ENDS_SOON.days} days, with codes still out",
}


@dataclass(frozen=True, slots=True)
class Warned:
    """`sentence` is for people, without the list's name."""

    warning: ListWarning
    sentence: str


def warnings_of(stock: Stock, ends_at: datetime, now: datetime) -> list[Warned]:
    """Of a list that has these numbers and this end. A list that has ended has none."""
    if ends_at <= now:
        return []
    if stock.entry_cap is not None and stock.claims >= stock.entry_cap:
        sentence = f"The cap of {stock.entry_cap:,} claims is reached: further claims are refused."
        return [Warned(ListWarning.CAP_REACHED, sentence)]
    found = [_cap_near(stock), _low_stock(stock), _ends_soon(stock, ends_at, now)]
    return [one for one in found if one is not None]


def _cap_near(stock: Stock) -> Warned | None:
    if stock.entry_cap is None or stock.claims * 100 < stock.entry_cap * CAP_NEAR:
        return None
    # Rounded to tenths, as on all pages, but 100% only when the cap is reached.
    tenths = min(999, round(stock.claims * 1000 / stock.entry_cap))
    sentence = f"{tenths / 10}% of the cap is claimed: {stock.claims:,} of {stock.entry_cap:,}."
    return Warned(ListWarning.CAP_NEAR, sentence)


def _low_stock(stock: Stock) -> Warned | None:
    if not stock.is_low:
        return None
    left, codes = stock.left or 0, stock.codes or 0
    are = "is" if left == 1 else "are"
    sentence = f"{left:,} of {codes:,} codes {are} left: neither handed out, claimed nor cancelled."
    return Warned(ListWarning.LOW_STOCK, sentence)


def _ends_soon(stock: Stock, ends_at: datetime, now: datetime) -> Warned | None:
    """Codes that nobody has claimed are still out; that of a multi use list always is."""
    out = None if stock.codes is None else stock.codes - stock.claims - stock.cancelled
    if ends_at > now + limits.ENDS_SOON or out == 0:
        return None
    hours = (ends_at - now).total_seconds() / 3600
    when = f"{round(hours / 24)} days" if hours >= 36 else f"{max(1, round(hours))} hours"
    still = "" if out is None else f", and {out:,} of its codes are not claimed"
    return Warned(ListWarning.ENDS_SOON, f"It ends in about {when}{still}.")
