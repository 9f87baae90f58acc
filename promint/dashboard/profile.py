"""A person's own profile: name, time zone, theme, password."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from promint.accounts import passwords, profile, sessions, signing_in
from promint.accounts.allowances import UsedUp
from promint.accounts.roles import Permission
from promint.core.rules import Refused, limits
from promint.dashboard.page import (
    StaffRequest,
    Text,
    add_refusal,
    needs,
    text_input,
    zone_choices,
)
from promint.dashboard.sign_in import (
    CurrentPasswordField,
    NewPasswordFields,
    address_of,
    locked_out,
    origin_of,
)

SESSIONS_SHOWN = 50


class ProfileForm(forms.Form):
    name = Text(
        required=False, max_length=limits.NAME_CHARACTERS, widget=text_input(autocomplete="name")
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
        help_text="For times on all pages but those of a list, which show the list’s own zone.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        zones: forms.ChoiceField = self.fields["time_zone"]  # type: ignore[assignment]
        like_all = ("", f"As the installation: {settings.TIME_ZONE}")
        chosen = self["time_zone"].value() or "UTC"
        zones.choices = [like_all, *zone_choices(chosen, timezone.now())]


class PasswordForm(CurrentPasswordField, NewPasswordFields):
    field_order = ("current", "password", "again")


@needs(Permission.READ)
def edit(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    form = ProfileForm(request.POST)
    if form.is_valid():
        typed, user = form.cleaned_data, request.user
        try:
            profile.edit(user.id, typed["name"], typed["time_zone"], user.actor)
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            messages.success(request, "Your profile is saved.")
            return redirect("profile")
    return _page(request, form, status=422)


@needs(Permission.READ)
@require_POST
def change_password(request: StaffRequest) -> HttpResponse:
    """Change the password and sign out everywhere else."""
    form, user = PasswordForm(request.POST), request.user
    form.full_clean()
    form.judge(user)
    try:
        current = form.cleaned_data.get("current")
        if current and not signing_in.judge_own(user, current, origin_of(request)):
            form.add_error("current", "This is not your current password.")
        if form.is_valid():
            changed = passwords.change(user.id, form.cleaned_data["password"], user.actor)
            update_session_auth_hash(request, changed)
            messages.success(request, "Your password is changed. Other sessions have ended.")
            return redirect("profile")
    except UsedUp as used_up:
        return locked_out(request, used_up.seconds)
    except Refused as refused:
        add_refusal(form, refused, {})
    return _page(request, password_form=form, status=422)


@needs(Permission.READ)
@require_POST
def sign_out_everywhere(request: StaffRequest) -> HttpResponse:
    """Here too."""
    sessions.sign_out_everywhere(request.user, address_of(request))
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("sign_in")


def _page(
    request: StaffRequest,
    form: ProfileForm | None = None,
    password_form: PasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    first = {"name": request.user.name, "time_zone": request.user.time_zone}
    context = {
        "section": "profile",
        "form": form or ProfileForm(initial=first),
        "password_form": password_form or PasswordForm(),
        "sessions": sessions.of(request.user)[:SESSIONS_SHOWN],
        "this_session": sessions.hashed(request.session.session_key or ""),
        "idle": settings.SESSION_IDLE,
        "themes": [("", "As the device"), ("light", "Light"), ("dark", "Dark")],
    }
    return render(request, "profile/index.html", context, status=status)
