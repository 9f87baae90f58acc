"""Signing in and out."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login, logout, views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from promint.accounts import sessions, signing_in
from promint.accounts.allowances import UsedUp
from promint.accounts.models import Staff
from promint.dashboard.page import open_to_all
from promint.dashboard.sign_in.origin import address_of, origin_of, remember_device
from promint.dashboard.sign_in.second_step import ask_for_code
from promint.dashboard.sign_in.ways_on import BACKEND, locked_out, way_on
from promint.openid_settings import Passwords

WRONG = "The e-mail address or the password is wrong. Check both."
ONLY_THROUGH = "Your account signs in with %s, and not with a password: use the button above."


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
            try:
                self.user_cache = signing_in.judge(typed["username"], typed["password"], origin)
            except signing_in.OnlyThroughProvider as only:
                raise forms.ValidationError(ONLY_THROUGH % only) from None
            if self.user_cache is None:
                raise forms.ValidationError(WRONG)
        return typed


class SignIn(views.LoginView):
    template_name = "sign_in/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        company = settings.OPENID
        more = {
            "with_passwords": company is None or company.passwords is not Passwords.NOBODY,
            "left": self.request.GET.get("left") == "provider",
        }
        return super().get_context_data(**kwargs, **more)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except UsedUp as used_up:
            return locked_out(request, used_up.seconds)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        staff: Staff = form.get_user()
        if staff.has_second_factor:
            return ask_for_code(self.request, staff, self.get_success_url())
        login(self.request, staff, BACKEND)
        response = way_on(self.request, self.get_success_url())
        remember_device(self.request, response, staff)
        return response


sign_in = open_to_all(SignIn.as_view())


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    through_provider = sessions.is_through_provider(request.session)
    if isinstance(request.user, Staff):
        signing_in.signed_out(request.user, address_of(request))
    logout(request)
    return redirect("/login?left=provider" if through_provider else "sign_in")
