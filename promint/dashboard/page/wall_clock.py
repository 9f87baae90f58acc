"""Times as people type them, in a zone whose clock skips an hour in spring and shows one twice
in autumn."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from promint.dashboard.page import formats

FIRST, SECOND = "0", "1"


class _Which(forms.ChoiceField):
    def valid_value(self, value: str) -> bool:
        return True  # it may belong to a time that was typed before; `moment_in` checks it


def which_field() -> forms.ChoiceField:
    """A field that asks which of two equal clock times is meant. `ask_which` adds its choices
    when they are needed."""
    return _Which(
        label="Which of the two",
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )


def ask_which(form: forms.Form, name: str, zone: str) -> None:
    """Gives `{name}_which` its choices if the clock shows the form's `{name}_time` twice."""
    day = _read(form, f"{name}_date")
    hour = _read(form, f"{name}_time")
    if isinstance(day, date) and isinstance(hour, time) and zone:
        field: Any = form.fields[f"{name}_which"]
        field.choices = [
            (str(moment.fold), formats.clock(moment))
            for moment in _twice(zone, datetime.combine(day, hour))
        ]


def _read(form: forms.Form, name: str) -> Any:
    try:
        return form.fields[name].to_python(form[name].value())
    except forms.ValidationError:
        return None


def moment_in(zone: str, typed: datetime, which: str = "") -> datetime:
    """The moment that was typed, in a zone. Raises ValidationError if the clock skips this time,
    or if it shows the time twice and `which` does not say which one is meant."""
    there = typed.replace(tzinfo=ZoneInfo(zone))
    try:
        back = there.astimezone(UTC).astimezone(there.tzinfo)
    except OverflowError:
        return there  # outside the calendar, which core refuses
    if back.replace(tzinfo=None, fold=0) != typed:
        raise forms.ValidationError(
            "Clocks go forward then, so this time does not exist. Choose an earlier or a later one."
        )
    if not (both := _twice(zone, typed)):
        return there
    if which not in (FIRST, SECOND):
        first, second = map(formats.clock, both)
        raise forms.ValidationError(
            f"Clocks go back then, so this time comes twice. Choose {first} or {second}."
        )
    return both[int(which)]


def some_time_of(day: object, hour: time, zone: str) -> datetime | None:
    """What is compared if a day was typed, but no time of it that can be read. None without a
    day."""
    return datetime.combine(day, hour, ZoneInfo(zone)) if isinstance(day, date) else None


def _twice(zone: str, typed: datetime) -> tuple[datetime, ...]:
    """The earlier and the later of two moments that the clock shows alike; empty if there is
    only one."""
    first = typed.replace(tzinfo=ZoneInfo(zone), fold=0)
    return (first, first.replace(fold=1)) if formats.comes_twice(first) else ()


def which_of(moment: datetime) -> str:
    """The value of `which_field` for a moment in its zone."""
    return str(moment.fold) if formats.comes_twice(moment) else ""


def until_end_of_day(values: dict[str, Any]) -> dict[str, Any]:
    """The form's `end_date` and `end_time` for a list that lasts until the end of the day: 00:00
    of the next day. Unchanged if the day cannot be read."""
    try:
        day = forms.DateField().to_python(values.get("end_date"))
        return values | {"end_date": day + timedelta(days=1), "end_time": time()} if day else values
    except (forms.ValidationError, OverflowError):
        return values


def focus_on_end(form: forms.Form) -> None:
    """Move the focus to the end date, because the button that was pressed disappears once the
    end is midnight."""
    form.fields["name"].widget.attrs.pop("autofocus", None)
    form.fields["end_date"].widget.attrs["autofocus"] = True


@dataclass(frozen=True)
class End:
    """What a form's end means: at midnight, just before it, or another time."""

    day: date | None
    hour: time | None

    @classmethod
    def of(cls, form: forms.Form) -> "End":
        return cls(_read(form, "end_date"), _read(form, "end_time"))

    @property
    def is_midnight(self) -> bool:
        return self.hour == time()

    @property
    def note(self) -> str:
        """A sentence about the end; empty if it is at another time of the day."""
        if self.is_midnight and self.day and self.day > date.min:
            last = datetime.combine(self.day - timedelta(days=1), time(), UTC)
            return f"Codes can be claimed until the end of {formats.day(last)}."
        if self.hour == time(23, 59):
            return "This leaves out the last minute of the day."
        return ""
