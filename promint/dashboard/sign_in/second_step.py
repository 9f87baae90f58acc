"""The second step of signing in: the code, after the password was right."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from promint.accounts import second_factor
from promint.accounts.allowances import UsedUp
from promint.accounts.models import Staff
from promint.dashboard.page import Text, open_to_all, text_input
from promint.dashboard.sign_in.origin import address_of, remember_device
from promint.dashboard.sign_in.ways_on import BACKEND, locked_out, way_on

WITHIN = timedelta(minutes=10)
_HALF = "password_was_right"  # in the session: for whom, until when, with which password
WRONG = "This code is wrong or was used already. Type the one that your app shows now."


class CodeForm(forms.Form):
    code = Text(
        label="Code",
        max_length=40,
        widget=text_input(autocomplete="one-time-code", autofocus=True, inputmode="text"),
        help_text="Six digits from your app, or one of your recovery codes.",
        error_messages={"required": "Type the code that your app shows."},
    )


def ask_for_code(request: HttpRequest, staff: Staff, page: str) -> HttpResponse:
    """Note that the password was right, and ask for the code. `page`: where to go then.

    This is no redirect, because a script that signs in over an open page shows what comes next.
    """
    request.session.cycle_key()
    until = timezone.now() + WITHIN
    request.session[_HALF] = [staff.id, until.isoformat(), staff.get_session_auth_hash()]
    return render(request, "sign_in/code.html", {"form": CodeForm(), "next": page})


@open_to_all
def code(request: HttpRequest) -> HttpResponse:
    staff = _half_signed_in(request)
    if staff is None:
        return redirect("sign_in")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            if second_factor.judge(staff, form.cleaned_data["code"], address_of(request)):
                return _signed_in(request, staff)
        except UsedUp as used_up:
            return locked_out(request, used_up.seconds)
        form.add_error("code", WRONG)
    context = {"form": form, "next": _next(request)}
    status = 422 if form.is_bound else 200
    return render(request, "sign_in/code.html", context, status=status)


def _signed_in(request: HttpRequest, staff: Staff) -> HttpResponse:
    del request.session[_HALF]
    login(request, staff, BACKEND)
    response = way_on(request, _next(request))
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


def _next(request: HttpRequest) -> str:
    page: str = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()})
    return page if ours else reverse("lists")
