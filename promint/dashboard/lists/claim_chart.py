"""The chart of a list's claims, with a bar for each day, or for each hour of a short list. Pure.

Places are in per cent across and in pixels down, so that the browser measures nothing and text is
never stretched.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from promint.dashboard.page import formats

BASE, TOP = 212.0, 6.0  # pixels: the line at the bottom, the highest grid line
DAYS_SHOWN = 62
DAYS_AHEAD = 14  # of those, how many may be in the future
LABELS = 9
GRID_LINES = 5
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Span:
    """What a chart shows: `[start, end)` in the list's zone, in steps of a day or an hour."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    hourly: bool

    def steps(self) -> list[datetime]:
        """The start of each bar. Days are days of the calendar, because some have 23 or 25
        hours."""
        if self.hourly:
            count = math.ceil((self.end - self.start) / HOUR)
            return [(self.start + i * HOUR).astimezone(self.zone) for i in range(count)]
        days = (self.end.date() - self.start.date()).days
        return [_midnight(self.start.date() + i * DAY, self.zone) for i in range(days)]

    def step_of(self, hour: datetime) -> datetime:
        here = hour.astimezone(self.zone)
        return here if self.hourly else _midnight(here.date(), self.zone)


@dataclass(frozen=True)
class Bar:
    start: datetime
    claims: int
    value: int  # the height: claims of this step, or all claims up to it
    so_far: bool  # the day or hour is not over
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True)
class Chart:
    span: Span
    bars: list[Bar]  # without those in the future
    slot: float  # per cent that one step takes, bar and gap
    grid: list[tuple[float, str]]
    labels: list[tuple[float, str, str, str]]  # x, anchor, text, class on narrow pages
    running: bool

    @property
    def unit(self) -> str:
        return "hour" if self.span.hourly else "day"

    @property
    def busiest(self) -> Bar | None:
        return max(self.bars, key=lambda bar: bar.claims, default=None)


def span_of(starts_at: datetime, ends_at: datetime, now: datetime, zone: ZoneInfo) -> Span:
    """The whole list if it is short enough; otherwise the days around now, or those before its
    end."""
    first, last = starts_at.astimezone(zone), (ends_at - timedelta.resolution).astimezone(zone)
    if ends_at - starts_at <= 2 * DAY:
        start = starts_at.replace(minute=0, second=0, microsecond=0)
        return Span(start.astimezone(zone), ends_at.astimezone(zone), zone, hourly=True)
    last_day = last.date()
    if (last_day - first.date()).days >= DAYS_SHOWN:
        last_day = min(last_day, max(now.astimezone(zone).date(), first.date()) + DAYS_AHEAD * DAY)
    first_day = max(first.date(), last_day - (DAYS_SHOWN - 1) * DAY)
    return Span(_midnight(first_day, zone), _midnight(last_day + DAY, zone), zone, hourly=False)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def chart(
    span: Span, by_hour: dict[datetime, int], total: int, now: datetime, running: bool
) -> Chart:
    """The chart. `by_hour`: UTC hours with claims; `total`: all claims of the list up to now."""
    steps = span.steps()
    claims = dict.fromkeys(steps, 0)
    for hour, count in by_hour.items():
        step = span.step_of(hour)
        claims[step] = claims.get(step, 0) + count
    past = [step for step in steps if step <= now]
    values = [claims[step] for step in past]
    before = total - sum(values)
    drawn = list(accumulate(values, initial=before))[1:] if running else values
    scale = _scale(max(drawn, default=0))
    slot = 100 / len(steps)
    pixels = (BASE - TOP) / scale[-1]
    bars = [
        Bar(
            start=step,
            claims=count,
            value=value,
            so_far=now < _next(steps, i, span.end),
            x=(i + 0.17) * slot,
            width=0.66 * slot,
            y=BASE - value * pixels,
            height=value * pixels,
        )
        for i, (step, count, value) in enumerate(zip(past, values, drawn, strict=True))
    ]
    grid = [(BASE - line * pixels, formats.short_number(line)) for line in scale]
    return Chart(span, bars, slot, grid, _labels(steps, slot, span.hourly), running)


def _next(steps: list[datetime], i: int, end: datetime) -> datetime:
    return steps[i + 1] if i + 1 < len(steps) else end


def _scale(highest: int) -> list[int]:
    """Grid lines at round numbers, from zero to at least the highest bar."""
    step = 1
    while highest > step * GRID_LINES:
        step = _rounder(step)
    return [step * i for i in range(max(1, math.ceil(highest / step)) + 1)]


def _rounder(step: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, …"""
    return step * 5 // 2 if str(step)[0] == "2" else step * 2


def _label_class(n: int) -> str:
    """The class of labels that narrow pages leave out."""
    return "minor" if n % 2 else "middling" if n % 4 else ""


def _labels(steps: list[datetime], slot: float, hourly: bool) -> list[tuple[float, str, str, str]]:
    every = math.ceil(len(steps) / LABELS)
    shown = enumerate(range(0, len(steps), every))
    return [
        (
            i * slot if not i else (i + 0.5) * slot,
            "middle" if i else "start",
            f"{steps[i]:%H:%M}" if hourly else f"{steps[i]:%b} {steps[i].day}",
            _label_class(n),
        )
        for n, i in shown
    ]
