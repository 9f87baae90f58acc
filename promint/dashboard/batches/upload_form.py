"""The form that uploads codes: it stands on the page of every 3rd party list."""

from django import forms

from promint.core.reading import ENDINGS
from promint.core.rules import limits
from promint.dashboard.batches.fields import BatchFields


class UploadForm(BatchFields):
    file = forms.FileField(
        label="File with codes",
        allow_empty_file=True,  # core says so, in its own words
        max_length=limits.FILE_NAME_CHARACTERS,
        widget=forms.FileInput(attrs={"class": "sr", "accept": ",".join(ENDINGS)}),
        error_messages={"required": "Choose a file."},
    )
