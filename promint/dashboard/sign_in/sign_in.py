"""Signing in and out."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import login, logout, views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promint.accounts import signing_in
from promint.accounts.allowances import UsedUp
from promint.accounts.models import Staff
from promint.dashboard.page import open_to_all, typed
from promint.dashboard.sign_in.origin import address_of, origin_of, remember_device

WRONG = "The e-mail address or the password is wrong. Check both."
BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInForm(AuthenticationForm):
    """The name is cleaned in the way accounts are stored, because otherwise each spelling would
    have an allowance of its own."""

    user_cache: Staff | None

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
        password: forms.CharField = self.fields["password"]  # type: ignore[assignment]
        password.max_length = 1000
        password.error_messages["required"] = "Enter your password."
        self.fields["username"].error_messages["required"] = "Enter your e-mail address."

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        return name.strip().lower()

    def clean(self) -> dict[str, Any]:
        """Raises UsedUp and Crowded, which do not depend on what was typed."""
        typed = self.cleaned_data
        if "username" in typed and "password" in typed:
            origin = origin_of(self.request)  # type: ignore[arg-type]
            self.user_cache = signing_in.judge(typed["username"], typed["password"], origin)
            if self.user_cache is None:
                raise forms.ValidationError(WRONG)
        return typed


class SignIn(views.LoginView):
    template_name = "sign_in/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except UsedUp as used_up:
            return locked_out(request, used_up.seconds)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        staff: Staff = form.get_user()
        login(self.request, staff, BACKEND)
        response = self._way_on(self.get_success_url())
        remember_device(self.request, response, staff)
        return response

    def _way_on(self, page: str) -> HttpResponse:
        """Leads to the page where the person was, or to what they typed there and could not
        send."""
        form = typed.kept(self.request)
        if form is None:
            return redirect(page)
        response = render(self.request, "sign_in/typed.html", {"typed": form, "back": page})
        typed.forget(response)
        return response


sign_in = open_to_all(SignIn.as_view())


def locked_out(request: HttpRequest, seconds: int) -> HttpResponse:
    """The page after too many wrong passwords for this name, or from this address."""
    context = {"wait": timedelta(seconds=seconds)}
    response = render(request, "sign_in/locked_out.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, Staff):
        signing_in.signed_out(request.user, address_of(request))
    logout(request)
    return redirect("sign_in")
