"""How numbers, money, times and lengths of time are written. Pure."""

import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_WITHOUT_CENTS = {"JPY", "KRW", "CLP", "ISK", "VND"}
_MINUS = "\N{MINUS SIGN}"


def number(value: int) -> str:
    return f"{value:,}".replace("-", _MINUS)


def percent(part: int, whole: int) -> str:
    """One digit after the point. It is 100.0% only if `part` is the whole, and 0.0% only if it
    is zero."""
    if part and 1000 * part < whole:
        return "<0.1%"
    thousandths = (2000 * part + whole) // (2 * whole) if whole else 0
    if part < whole:
        thousandths = min(thousandths, 999)
    return f"{thousandths // 10:,}.{thousandths % 10}%"


def money(amount: Decimal, currency: str) -> str:
    """Money, with cents below 1,000 or where there are any, and with all digits of fractions of
    a cent."""
    exact = amount.normalize()
    places = max(0, -int(exact.as_tuple().exponent))
    if currency not in _WITHOUT_CENTS and (places or amount < 1000):
        places = max(places, 2)
    figure = f"{abs(amount):,.{places}f}"
    sign = _MINUS if amount < 0 else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{figure} {currency}"


def short_number(value: int) -> str:
    """A number on the scale of a chart, like 50k or 1.5M."""
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:.4g}{letter}"
    return str(value)


def day(moment: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment.year}"


def clock(moment: datetime) -> str:
    """The time of day. In the hour that a clock shows twice, the zone's letters follow: 02:30
    CEST, 02:30 CET."""
    return f"{moment:%H:%M} {zone(moment)}" if comes_twice(moment) else f"{moment:%H:%M}"


def comes_twice(moment: datetime) -> bool:
    """Whether the clock in its zone shows another moment in the same way."""
    first, second = (moment.replace(fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def zone(moment: datetime) -> str:
    """The zone's letters, like EST or UTC; UTC+3 for zones without letters."""
    name = moment.tzname() or ""
    if name[:1] not in "+-":
        return name
    hours, minutes = name[1:3].lstrip("0") or "0", name[3:]
    sign = _MINUS if name[0] == "-" else "+"
    return f"UTC{sign}{hours}" + (f":{minutes}" if minutes.strip("0") else "")


def offset(moment: datetime) -> str:
    """How far the zone's clock is from UTC at that moment, like UTC, UTC+1 or UTC+5:30."""
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{_MINUS if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def moment(at: datetime, now: datetime) -> str:
    """A moment, relative if it is within the last hour. Both must be in the same zone."""
    ago = now - at
    if timedelta(0) <= ago < timedelta(hours=1):
        seconds = int(ago.total_seconds())
        if seconds < 5:
            return "just now"
        return f"{seconds} s ago" if seconds < 60 else f"{seconds // 60} min ago"
    return f"{nearby_day(at, now)}, {clock(at)}"


def nearby_day(at: datetime, now: datetime) -> str:
    return "Today" if at.date() == now.date() else day(at)


def duration(length: timedelta) -> str:
    """A length of time, rounded to what people want to know: 12 s, 4 min, 3 h, 6 days."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{round(seconds / 60)} min"
    if seconds < 2 * 86_400:
        return f"{round(seconds / 3600)} h"
    return f"{round(seconds / 86_400)} days"


def counted(count: int, one: str, many: str = "") -> str:
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def initials(name: str) -> str:
    """The initials of a name or an e-mail address."""
    words = name.split("@")[0].replace(".", " ").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def apart(name: str) -> str:
    """A name in a sentence, so that Arabic or Hebrew letters in it do not move the numbers beside
    it."""
    from_right = any(unicodedata.bidirectional(c) in ("R", "AL") for c in name)
    return f"\u2068{name}\u2069" if from_right else name
