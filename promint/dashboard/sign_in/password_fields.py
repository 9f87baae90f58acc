"""A new password, typed twice."""

from typing import Any

from django import forms

from promint.accounts import passwords
from promint.accounts.models import Staff


def password_input(autocomplete: str, **attrs: Any) -> forms.PasswordInput:
    return forms.PasswordInput(
        attrs={"class": "input", "autocomplete": autocomplete, "maxlength": 1000, **attrs}
    )


class CurrentPasswordField(forms.Form):
    current = forms.CharField(
        label="Current password",
        strip=False,
        max_length=1000,
        widget=password_input("current-password"),
        error_messages={"required": "Enter the password that you have now."},
    )


class NewPasswordFields(forms.Form):
    password = forms.CharField(
        label="New password",
        strip=False,
        max_length=1000,
        widget=password_input("new-password"),
        error_messages={"required": "Choose a new password."},
        help_text="At least 15 characters. A few words that you can remember are best.",
    )
    again = forms.CharField(
        label="New password again",
        error_messages={"required": "Type the new password once more."},
        strip=False,
        max_length=1000,
        widget=password_input("new-password"),
    )

    def clean(self) -> None:
        typed = self.cleaned_data
        if "password" in typed and "again" in typed and typed["password"] != typed["again"]:
            self.add_error("again", "This is not the same password. Type it once more.")

    def judge(self, staff: Staff) -> None:
        """Finds a weak password whatever else is wrong, so that it is said at once."""
        new = self.cleaned_data.get("password")
        if new is not None and (why := passwords.weak(new, staff.email, staff.name)):
            self.add_error("password", why)
