"""The forms for uploading codes: first a file or pasted codes, then how they are read and who
gets an alert."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from promint.core.reading import ENDINGS
from promint.core.rules import code_cells, limits
from promint.core.uploads import Wishes
from promint.dashboard.batches.fields import BatchFields
from promint.dashboard.page import Text, text_input

PASTED_CHARACTERS = 250_000  # of a form that is kept in memory
ASKED_CHARACTERS = 200


def file_field(label: str) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=False,
        allow_empty_file=True,  # core refuses it with its own sentence
        max_length=limits.FILE_NAME_CHARACTERS,
        widget=forms.FileInput(attrs={"class": "sr", "accept": ",".join(ENDINGS)}),
    )


def pasted_field(label: str) -> forms.CharField:
    return Text(
        label=label,
        required=False,
        max_length=PASTED_CHARACTERS,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "class": "input mono",
                "rows": 4,
                "spellcheck": "false",
                "autocomplete": "off",
                "data-pasted": True,
            }
        ),
        help_text="One a line, or a column copied from a spreadsheet.",
        error_messages={"max_length": "This is too much for the box. Send it as a file."},
    )


class FileForm(forms.Form):
    """A file, or its rows pasted into the field whose name is `box`."""

    box: ClassVar[str]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        sent = [typed.get("file") is not None, bool(typed.get(self.box, "").strip())]
        if not self.errors and not any(sent):
            raise forms.ValidationError({"file": f"Choose a file, or paste {self.box}."})
        if not self.errors and all(sent):
            only_one = f"Send the file or the {self.box} in this box, and then the other."
            raise forms.ValidationError({self.box: only_one})
        return typed

    def sent(self) -> tuple[str, Iterable[bytes]]:
        """The name and the content of the file."""
        if (file := self.cleaned_data["file"]) is not None:
            return file.name or "", file.chunks()
        return f"pasted-{self.box}.txt", [self.cleaned_data[self.box].encode()]


class UploadForm(FileForm):
    box = "codes"
    file = file_field("File with codes")
    codes = pasted_field("Or paste codes")

    def clean_codes(self) -> str:
        """The reader of files would take codes side by side for columns, or for one long code."""
        return code_cells.one_a_line(self.cleaned_data["codes"])


class ReadingForm(forms.Form):
    """How a file is to be read, as far as a person says so. These fields are in the page's URL."""

    column = Text(
        label="Column",
        required=False,
        max_length=ASKED_CHARACTERS,
        widget=text_input(autocomplete="off"),
        help_text="Its header, or its number from 1.",
    )
    header = forms.ChoiceField(
        label="First row",
        required=False,
        choices=[("", "Decide by what it says"), ("yes", "Is a header"), ("no", "Is a code")],
        widget=forms.Select(attrs={"class": "input"}),
    )
    unlike = forms.BooleanField(
        label="Take codes that are unlike all others",
        required=False,
        widget=forms.CheckboxInput(attrs={"value": "take"}),
    )

    def wishes(self) -> Wishes:
        asked = self.cleaned_data if self.is_valid() else {}
        header = asked.get("header")
        return Wishes(
            column=asked.get("column", ""),
            sheets=tuple(self.sheets),
            header=header == "yes" if header else None,
            unlike=asked.get("unlike", False),
        )

    @property
    def sheets(self) -> list[str]:
        return self.data.getlist("sheet") if isinstance(self.data, QueryDict) else []


class LoadForm(BatchFields):
    """The name of a file's batch, and who gets an alert when it is finished."""
