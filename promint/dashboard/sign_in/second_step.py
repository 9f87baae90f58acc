"""The second step of signing in: the code, after the password was right."""

import json
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from promint.accounts import passkey_places, second_factor
from promint.accounts.allowances import UsedUp
from promint.accounts.models import Staff
from promint.dashboard.page import Text, open_to_all, text_input
from promint.dashboard.sign_in.origin import address_of, remember_device
from promint.dashboard.sign_in.ways_on import BACKEND, locked_out, own_page, way_on

WITHIN = timedelta(minutes=10)
_ASKED = "passkey_asked"  # in the session: the challenge that a passkey has to sign
_HALF = "password_was_right"  # in the session: for whom, until when, with which password
WRONG = "This code is wrong or was used already. Type the one that your app shows now."


class CodeForm(forms.Form):
    code = Text(
        label="Code",
        max_length=40,
        widget=text_input(autocomplete="one-time-code", autofocus=True, inputmode="text"),
        help_text="Six digits from your authenticator app, or one of your recovery codes.",
        error_messages={"required": "Type the code that your app shows."},
    )


def ask_for_code(request: HttpRequest, staff: Staff, page: str) -> HttpResponse:
    """Note that the password was right, and ask for the code. `page`: where to go then.

    This is no redirect, because a script that signs in over an open page shows what comes next.
    """
    request.session.cycle_key()
    until = timezone.now() + WITHIN
    request.session[_HALF] = [staff.id, until.isoformat(), staff.get_session_auth_hash()]
    return _page(request, staff, {"form": CodeForm(), "next": page})


@open_to_all
def code(request: HttpRequest) -> HttpResponse:
    staff = _half_signed_in(request)
    if staff is None:
        return redirect("sign_in")
    with_passkey = bool(request.POST.get("passkey"))
    form = CodeForm(None if with_passkey else request.POST or None)
    try:
        if with_passkey and _is_passkey(request, staff):
            return _signed_in(request, staff)
        if form.is_valid():
            if second_factor.judge(staff, form.cleaned_data["code"], address_of(request)):
                return _signed_in(request, staff)
            form.add_error("code", WRONG)
    except UsedUp as used_up:
        return locked_out(request, used_up.seconds)
    context = {"form": form, "next": own_page(request), "wrong_passkey": with_passkey}
    return _page(request, staff, context, 422 if request.method == "POST" else 200)


def _is_passkey(request: HttpRequest, staff: Staff) -> bool:
    """What the browser was asked is asked once."""
    from promint.accounts import passkeys  # only when it is needed: it takes a while

    state = request.session.pop(_ASKED, None)
    return passkeys.judge(staff, request.POST["passkey"], state, address_of(request))


def _page(
    request: HttpRequest, staff: Staff, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    works = passkey_places.why_not(settings.BASE_URL) is None
    if works and staff.passkeys.exists():
        from promint.accounts import passkeys

        asked = passkeys.ask_for_one_of(staff)
        if asked is not None:
            options, request.session[_ASKED] = asked
            context["passkey"] = json.dumps(options["publicKey"])
    return render(request, "sign_in/code.html", context, status=status)


def _signed_in(request: HttpRequest, staff: Staff) -> HttpResponse:
    del request.session[_HALF]
    request.session.pop(_ASKED, None)
    login(request, staff, BACKEND)
    response = way_on(request, own_page(request))
    remember_device(request, response, staff)
    return response


def _half_signed_in(request: HttpRequest) -> Staff | None:
    """Whose password was right in this session a moment ago and is the same still."""
    noted: list[Any] | None = request.session.get(_HALF)
    if noted is None or datetime.fromisoformat(noted[1]) < timezone.now():
        return None
    staff = Staff.objects.filter(id=noted[0], is_active=True).first()
    if staff is None or not staff.has_second_factor:
        return None
    return staff if staff.get_session_auth_hash() == noted[2] else None
