"""A person's own passkeys: adding one, and removing one. The library that checks them is imported
when a page needs it, and not at every start."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.shortcuts import redirect, render

from promint.accounts import passkey_places
from promint.accounts.allowances import UsedUp
from promint.accounts.models import Passkey
from promint.accounts.roles import Permission
from promint.core.rules import Refused
from promint.core.storage import sealed
from promint.dashboard.page import StaffRequest, Text, add_refusal, needs, text_input
from promint.dashboard.sign_in import CurrentPasswordField, locked_out
from promint.dashboard.two_factor import go_on, is_own_password, shows

ASKED_FOR = timedelta(minutes=10)
_PURPOSE = "passkey that is being added to"


class PasskeyForm(CurrentPasswordField):
    name = Text(
        max_length=Passkey.NAME_CHARACTERS,
        widget=text_input(autocomplete="off"),
        help_text="To tell your passkeys apart, like “Phone” or “Key ring”.",
        error_messages={"required": "Give the passkey a name."},
    )
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)
    asked = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("name", "current")


@needs(Permission.READ, also_without_second_factor=True)
def passkeys(request: StaffRequest) -> HttpResponse:
    from promint.accounts import passkeys

    if request.method != "POST":
        return _page(request, PasskeyForm())
    form, user = PasskeyForm(request.POST), request.user
    if form.is_valid():
        try:
            if is_own_password(request, form):
                name, answer = form.cleaned_data["name"], form.cleaned_data["passkey"]
                state = _state(request, form.cleaned_data["asked"])
                codes = passkeys.add(user.id, name, answer, state, user.actor)
                return _added(request, name, codes)
        except UsedUp as used_up:
            return locked_out(request, used_up.seconds)
        except Refused as refused:
            add_refusal(form, refused, {"passkey": NON_FIELD_ERRORS})
    return _page(request, form, 422)


@needs(Permission.READ)
def remove(request: StaffRequest, passkey_id: str) -> HttpResponse:
    from promint.accounts import passkeys

    doomed = passkeys.of(request.user, passkey_id)
    form = CurrentPasswordField(request.POST or None)
    try:
        if form.is_valid() and is_own_password(request, form):
            passkeys.remove(request.user.id, passkey_id, request.user.actor)
            go_on(request)
            messages.success(request, f"The passkey “{doomed.name}” is removed.")
            return redirect("passkeys")
    except UsedUp as used_up:
        return locked_out(request, used_up.seconds)
    status = 422 if request.method == "POST" else 200
    context = {"section": "profile", "doomed": doomed, "form": form}
    return render(request, "profile/remove_passkey.html", context, status=status)


def _added(request: StaffRequest, name: str, codes: list[str]) -> HttpResponse:
    if codes:
        return shows(request, codes)
    messages.success(request, f"The passkey “{name}” is added.")
    return redirect("passkeys")


def _state(request: StaffRequest, asked: str) -> dict[str, Any] | None:
    """What the browser was asked on this person's page, at most ten minutes ago."""
    noted = sealed.unseal(f"{_PURPOSE} {request.user.id}", asked, within=ASKED_FOR)
    return None if noted is None else dict(json.loads(noted))


def _page(request: StaffRequest, form: PasskeyForm, status: int = 200) -> HttpResponse:
    from promint.accounts import passkeys

    context: dict[str, Any] = {
        "section": "profile",
        "form": form,
        "passkeys": Passkey.objects.filter(staff=request.user).order_by("created_at"),
        "why_not": passkey_places.why_not(settings.BASE_URL),
    }
    if context["why_not"] is None:
        options, state = passkeys.ask_for_new(request.user)
        context["options"] = json.dumps(options["publicKey"])
        context["asked"] = sealed.seal(f"{_PURPOSE} {request.user.id}", json.dumps(state))
    return render(request, "profile/passkeys.html", context, status=status)
