"""The fields of every batch: its name, and the addresses for an e-mail alert."""

import re

from django import forms

from promint.core.rules import limits
from promint.dashboard.page import (
    Text,
    text_input,
)


class BatchFields(forms.Form):
    name = Text(
        label="Batch name",
        required=False,
        max_length=limits.BATCH_NAME_CHARACTERS,
        widget=text_input(autocomplete="off"),
    )
    alert = forms.BooleanField(label="E-mail an alert when finished", required=False)
    alert_to = Text(
        label="Addresses for the alert, separated by commas", required=False, widget=text_input()
    )

    def clean_alert_to(self) -> str:
        text: str = self.cleaned_data["alert_to"]
        if self.data.get("alert") and not _split(text):
            raise forms.ValidationError("Enter an address, or leave the alert out.")
        return text

    def addresses(self) -> list[str]:
        """The addresses in a valid form."""
        return _split(self.cleaned_data["alert_to"]) if self.cleaned_data["alert"] else []


def _split(text: str) -> list[str]:
    return [address for address in re.split(r"[\s,;]+", text) if address]
