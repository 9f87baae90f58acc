"""The form that creates a promo code list."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from promint.core import lists
from promint.core.rules import ListType, NewList, checks, limits
from promint.dashboard.lists import handout_fields
from promint.dashboard.lists.handout_fields import NAMES as HANDOUT_NAMES
from promint.dashboard.lists.handout_fields import HandoutFields
from promint.dashboard.page import (
    Text,
    WholeNumber,
    ask_which,
    day_field,
    list_name_field,
    moment_in,
    some_time_of,
    text_input,
    time_field,
    which_field,
    zone_choices,
)

FIELDS = {  # core's names → this form's
    "starts_at": "start_date",
    "ends_at": "end_date",
    "entry_cap": "cap",
    "outcomes": "points",
    "outcomes.points": "points",
    "outcomes.offers": "offers",
    "outcomes.tags": "tags",
    "code_format.length": "code_length",
    "code_format.prefix": "code_prefix",
    **handout_fields.FIELDS,
}
ONLY_FOR = {
    "code": ListType.MULTI_USE,
    "code_prefix": ListType.SINGLE_USE,
    "code_length": ListType.SINGLE_USE,
}
CAPPED, UNCAPPED = "yes", "no"
DAYS_AT_FIRST = 30


class OfferChoices(forms.MultipleChoiceField):
    """Public ids of offers. The page shows only some offers, so core checks which of them exist."""

    def valid_value(self, value: str) -> bool:
        return True


class ListForm(HandoutFields):
    field_order = (
        "name",
        "type",
        "code",
        "code_prefix",
        "code_length",
        *HANDOUT_NAMES,
    )  # the page's
    name = list_name_field()
    type = forms.ChoiceField(
        label="Type of code",
        choices=[(kind.value, kind.label) for kind in ListType],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a type."},
    )
    code = Text(
        label="Code name",
        required=False,
        max_length=limits.TYPED_CODE_CHARACTERS,
        widget=text_input(autocomplete="off", spellcheck="false"),
        help_text=(
            "What customers type: {} to {} letters and digits. Capitals, spaces and dashes make no"
            " difference."
        ).format(*limits.CODE_CHARACTERS),
    )
    code_prefix = Text(
        label="Prefix",
        required=False,
        max_length=limits.PREFIX_CHARACTERS,
        widget=text_input(autocomplete="off", spellcheck="false"),
        help_text=f"Up to {limits.PREFIX_CHARACTERS} letters and digits before the random part.",
    )
    code_length = forms.TypedChoiceField(
        label="Random characters",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            (n, n)
            for n in range(limits.GENERATED_CHARACTERS[0], limits.GENERATED_CHARACTERS[1] + 1)
        ],
        widget=forms.Select(attrs={"class": "input"}),
        help_text="The last one is a check character.",
    )
    start_date = day_field(label="Activation date")
    start_time = time_field(label="Activation time")
    end_date = day_field(label="Expiration date")
    end_time = time_field(label="Expiration time")
    start_which = which_field()
    end_which = which_field()
    timezone = forms.ChoiceField(
        label="Time zone",
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={
            "required": "Choose the time zone of the dates.",
            "invalid_choice": "Choose a time zone of the list.",
        },
    )
    points = WholeNumber(label="Points")
    offers = OfferChoices(label="Offers", required=False, widget=forms.CheckboxSelectMultiple)
    tags = Text(
        label="Tags",
        required=False,
        max_length=limits.TAGS_OF_A_LIST * (limits.TAG_CHARACTERS + 2),
        widget=text_input(autocomplete="off"),
        help_text=(
            "Put on the customer profile, for retargeting and audiences. Separate tags by commas."
        ),
    )
    capping = forms.ChoiceField(
        label="Capping",
        choices=[(UNCAPPED, "Don’t cap code entries"), (CAPPED, "Cap code entries")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether to cap."},
    )
    cap = WholeNumber(label="Entry cap")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones: Any = self.fields["timezone"]
        zone = self["timezone"].value() or "UTC"
        zones.choices = zone_choices(zone, timezone.now())
        if zone in checks.zones():
            ask_which(self, "start", zone)
            ask_which(self, "end", zone)
        if isinstance(self.initial.get("start_date"), date):  # nobody has chosen it yet
            self.fields["start_date"].widget.attrs["data-other-day"] = "start_time"

    def clean(self) -> None:
        self._forgive_what_is_not_needed()
        typed = self.cleaned_data
        if typed.get("type") == ListType.MULTI_USE and not typed.get("code") and "code" in typed:
            self.add_error("code", "Choose the code that customers will type.")
        if typed.get("capping") == CAPPED and typed.get("cap", 0) is None:
            self.add_error("cap", "Enter the most claims there may be, or choose not to cap.")
        if self.data.get("new_offer", "").strip():
            said = "A new offer is typed, but not added: press “Add offer”, or empty its field."
            self.add_error("offers", said)
        self._clean_moment("start")
        self._clean_moment("end")
        self._say_what_core_would()

    def _forgive_what_is_not_needed(self) -> None:
        """Removes errors of fields that are not used with the chosen type or without a cap."""
        for name, kind in ONLY_FOR.items():
            if self.cleaned_data.get("type") != kind:
                self.errors.pop(name, None)
        if self.cleaned_data.get("type") == ListType.MULTI_USE:
            for name in handout_fields.NAMES:
                self.errors.pop(name, None)
        if self.cleaned_data.get("capping") == UNCAPPED:
            self.errors.pop("cap", None)

    def _say_what_core_would(self) -> None:
        """Finds everything that is wrong at once: core checks what can be read, even if other
        fields cannot."""
        for name, problem in lists.problems_with(self._as_far_as_read()).items():
            if (field := FIELDS.get(name, name)) in self.fields and field not in self.errors:
                self.add_error(field, problem)

    def _as_far_as_read(self) -> NewList:
        """The list, with valid values in place of what cannot be read."""
        typed = self.cleaned_data
        zone = typed.get("timezone", "UTC")
        stand_ins = {
            "name": "-",
            "type": ListType.THIRD_PARTY,
            "timezone": "UTC",
            "starts_at": some_time_of(typed.get("start_date"), time.min, zone) or limits.EARLIEST,
            "ends_at": some_time_of(typed.get("end_date"), time.max, zone) or limits.LATEST,
            "points": 1,
            "offers": [],
            "tags": "-",
            "capping": UNCAPPED,
            "cap": None,
            "code": "",
            "code_length": None,
            "code_prefix": "",
        }
        return new_list(stand_ins | typed)

    def _clean_moment(self, which: str) -> None:
        """Sets `starts_at` or `ends_at`, the time typed in the chosen zone. If the zone cannot
        be read, UTC is used, so that an end before the start is still found."""
        typed = self.cleaned_data
        day, hour, zone = (
            typed.get(f"{which}_date"),
            typed.get(f"{which}_time"),
            typed.get("timezone", "UTC"),
        )
        if isinstance(day, date) and isinstance(hour, time):
            try:
                typed[f"{which}s_at"] = moment_in(
                    zone, datetime.combine(day, hour), typed.get(f"{which}_which", "")
                )
            except forms.ValidationError as problem:
                self.add_error(f"{which}_time", problem)

    def new_list(self) -> NewList:
        """The list that a valid form describes."""
        return new_list(self.cleaned_data)


def new_list(typed: dict[str, Any]) -> NewList:
    """The list that was typed. Fields for other types than the chosen one are left out."""
    kind = ListType(typed["type"])
    single = kind is ListType.SINGLE_USE
    return NewList(
        name=typed["name"],
        type=kind,
        starts_at=typed["starts_at"],
        ends_at=typed["ends_at"],
        timezone=typed["timezone"],
        entry_cap=typed["cap"] if typed["capping"] == CAPPED else None,
        points=typed["points"],
        offers=typed["offers"],
        tags=split_tags(typed["tags"]),
        code=typed["code"] if kind is ListType.MULTI_USE else None,
        code_length=typed["code_length"] if single else None,
        code_prefix=typed["code_prefix"].strip().upper() if single else None,
        handout=None if kind is ListType.MULTI_USE else handout_fields.rules_of(typed),
    )


def split_tags(text: str) -> list[str]:
    return [tag for part in text.split(",") if (tag := part.strip())]


def first_values(kind: str) -> dict[str, Any]:
    """The first values of a new form: from now until the end of a day in a month, in the time
    zone of the person, or else of the installation."""
    here = timezone.localtime()
    return {
        "type": kind if kind in list(ListType) else ListType.SINGLE_USE.value,
        "start_date": here.date(),
        "start_time": here.time().replace(second=0, microsecond=0),
        "end_date": here.date() + timedelta(days=DAYS_AT_FIRST + 1),
        "end_time": time(),
        "timezone": timezone.get_current_timezone_name(),
        "code_length": limits.GENERATED_CHARACTERS_DEFAULT,
        "per_recipient": 1,
        "capping": CAPPED,
    }


def as_typed(data: QueryDict) -> dict[str, Any]:
    """What was posted, to fill a form that is not sent yet."""
    values: dict[str, Any] = {name: data.get(name, "") for name in ListForm.base_fields}
    values["offers"] = data.getlist("offers")
    return values
