"""Fields and errors that several forms share."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from promint.core.rules import Refused, limits
from promint.dashboard.page.numbers import whole_number, why_unreadable


class Text(forms.CharField):
    """A field that refuses text longer than `max_length`. If the browser checked this, it would
    cut pasted text without a message."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [
            one for one in self.validators if not isinstance(one, MaxLengthValidator)
        ]

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if self.max_length is not None and len(value) > self.max_length:
            raise forms.ValidationError(
                f"Use at most {self.max_length:,} characters. These are {len(value):,}."
            )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {name: v for name, v in super().widget_attrs(widget).items() if name != "maxlength"}


class WholeNumber(Text):
    """Digits, with or without separators, like 25,000. Its value is None if it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"class": "input num", "inputmode": "numeric"})
        super().__init__(required=False, max_length=40, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if why := why_unreadable(text):
            raise forms.ValidationError(why)
        return whole_number(text)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return whole_number(initial) != whole_number(data)


def text_input(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", **attrs})


def list_name_field() -> forms.CharField:
    return Text(
        label="Name",
        max_length=limits.NAME_CHARACTERS,
        widget=text_input(autocomplete="off", autofocus=True),
        help_text="For your team only. Customers never see it.",
        error_messages={"required": "Give the list a name."},
    )


def day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "input", "type": "date"}),
        error_messages={"required": "Choose a day.", "invalid": "Enter a day like 2026-11-30."},
    )


def time_field(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(format="%H:%M", attrs={"class": "input", "type": "time"}),
        error_messages={"required": "Choose a time.", "invalid": "Enter a time like 18:30."},
    )


def add_refusal(form: forms.Form, refused: Refused, fields: Mapping[str, str]) -> None:
    """Adds core's refusal to the fields that it is about. `fields` maps core's names to the
    form's."""
    for name, problem in refused.fields.items():
        form.add_error(fields.get(name, name), problem)
    if not refused.fields:
        form.add_error(None, refused.detail)
