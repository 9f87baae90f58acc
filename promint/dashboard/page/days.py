"""Days in addresses and forms, like 2026-11-09, in the time zone of the page."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date


def day_in(text: str) -> date | None:
    """The day that the text names; None if it names none."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and date(2000, 1, 1) <= day < date(9999, 12, 30) else None


def why_backwards(since: date | None, until: date | None) -> str:
    """What is wrong with a search between two days; empty if nothing is."""
    if since is None or until is None or since <= until:
        return ""
    return "The second day is before the first. Choose a later one."


def beginning_of(day: date | None) -> datetime | None:
    """Midnight at the beginning of the day."""
    zone = timezone.get_current_timezone()
    return None if day is None else datetime.combine(day, time(), zone)


def end_of(day: date | None) -> datetime | None:
    """Midnight at the end of the day."""
    return beginning_of(day and day + timedelta(days=1))
