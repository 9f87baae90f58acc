"""Signing in and out."""

from typing import Any

from django import forms
from django.contrib.auth import logout, views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promint.dashboard.page import open_to_all


class SignInForm(AuthenticationForm):
    """The name is cleaned as accounts keep it: otherwise each spelling had its own throttle."""

    error_messages = {
        "invalid_login": "The e-mail address or the password is wrong. Check both.",
        "inactive": "The e-mail address or the password is wrong. Check both.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget = forms.EmailInput(
            attrs={
                "class": "input",
                "autocomplete": "username",
                "maxlength": 254,
                "autofocus": True,
            }
        )
        self.fields["password"].widget.attrs["class"] = "input"

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        return name.strip().lower()


sign_in = open_to_all(
    views.LoginView.as_view(
        template_name="sign_in/sign_in.html",
        authentication_form=SignInForm,
        redirect_authenticated_user=True,
    )
)


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]
) -> HttpResponse:
    """Too many wrong passwords (settings.AXES_*)."""
    return render(request, "sign_in/locked_out.html", status=429)


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")
