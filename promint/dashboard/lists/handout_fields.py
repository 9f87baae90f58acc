"""The fields that say how the codes of a new list are handed out, and these rules in words."""

from typing import Any

from django import forms

from promint.core.rules import HandoutRules
from promint.dashboard.page import WholeNumber, formats

FIELDS = {  # core's names → the form's
    "handout.per_recipient": "per_recipient",
    "handout.valid_days": "valid_days",
    "handout.agents_per_day": "agents_per_day",
}
NAMES = ("bound", *FIELDS.values())


class HandoutFields(forms.Form):
    bound = forms.BooleanField(label="Only for its recipient", required=False)
    per_recipient = WholeNumber(
        label="Codes for each person",
        initial=1,
        help_text="Whoever has this many gets the latest again.",
    )
    valid_days = WholeNumber(
        label="Days to claim",
        help_text="A code ends this many days after it is handed out. Empty: with the list.",
    )
    agents_per_day = WholeNumber(
        label="Codes for each agent a day",
        help_text="Agents give codes to customers on the phone, up to this many. Empty: none.",
    )


def rules_of(typed: dict[str, Any]) -> HandoutRules | None:
    """The rules that were typed; None if they are the defaults."""
    per_recipient = typed.get("per_recipient")
    rules = HandoutRules(
        bound=bool(typed.get("bound")),
        per_recipient=1 if per_recipient is None else per_recipient,
        valid_days=typed.get("valid_days"),
        agents_per_day=typed.get("agents_per_day"),
    )
    return None if rules == HandoutRules() else rules


def in_words(rules: HandoutRules) -> list[str]:
    told = [
        "One code a person"
        if rules.per_recipient == 1
        else f"Up to {formats.counted(rules.per_recipient, 'code')} a person",
        "Only its recipient can claim a code" if rules.bound else "Whoever has a code can claim it",
    ]
    if rules.valid_days is not None:
        told.append(f"Ends {formats.counted(rules.valid_days, 'day')} after it is handed out")
    if rules.agents_per_day is not None:
        told.append(f"Each agent: {formats.counted(rules.agents_per_day, 'code')} a day")
    return told
