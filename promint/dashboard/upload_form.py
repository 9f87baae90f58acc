"""The form that uploads codes: it stands on the page of every 3rd party list."""

from django import forms

from promint.core import limits
from promint.core.upload_checks import ENDINGS
from promint.dashboard.alert_fields import AlertFields
from promint.dashboard.form_fields import text_input


class UploadForm(AlertFields):
    file = forms.FileField(
        label="File with codes",
        allow_empty_file=True,  # core says so, in its own words
        max_length=limits.FILE_NAME_CHARACTERS,
        widget=forms.FileInput(attrs={"class": "sr", "accept": ",".join(ENDINGS)}),
        error_messages={"required": "Choose a file."},
    )
    name = forms.CharField(
        label="Batch name",
        required=False,
        max_length=limits.BATCH_NAME_CHARACTERS,
        widget=text_input(autocomplete="off"),
    )
