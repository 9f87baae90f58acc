"""A person's own second factor: turning it on and off, and recovery codes."""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST

from promint.accounts import second_factor, signing_in
from promint.accounts.allowances import UsedUp
from promint.accounts.models import Staff
from promint.accounts.roles import Permission
from promint.core.rules import Refused
from promint.core.storage import sealed
from promint.dashboard.page import StaffRequest, Text, add_refusal, needs, text_input, typed
from promint.dashboard.sign_in import CurrentPasswordField, locked_out, origin_of, way_on

_SETTING_UP = "two_factor_secret"  # in the session, sealed, while it is set up
_PURPOSE = "second factor that is being set up"


class SetUpForm(CurrentPasswordField):
    code = Text(
        label="Code",
        max_length=40,
        widget=text_input(autocomplete="one-time-code", inputmode="numeric"),
        help_text="The six digits that the app shows now.",
        error_messages={"required": "Type the code that your app shows."},
    )
    field_order = ("code", "current")


@needs(Permission.READ, also_without_second_factor=True)
def two_factor(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        may_send = request.user.has_second_factor and typed.kept(request)
        return way_on(request, request.path) if may_send else _page(request)
    form, user = SetUpForm(request.POST), request.user
    if form.is_valid():
        try:
            if is_own_password(request, form):
                code = form.cleaned_data["code"]
                codes = second_factor.turn_on(user.id, _secret(request), code, user.actor)
                return shows(request, codes) if codes else _app_added(request)
            if why := second_factor.why_wrong(_secret(request), form.cleaned_data["code"]):
                form.add_error("code", why)
        except UsedUp as used_up:
            return locked_out(request, used_up.seconds)
        except Refused as refused:
            add_refusal(form, refused, {})
    return _page(request, form, 422)


@needs(Permission.READ)
@require_POST
def turn_off(request: StaffRequest) -> HttpResponse:
    form = CurrentPasswordField(request.POST)
    try:
        if form.is_valid() and is_own_password(request, form):
            second_factor.turn_off(request.user.id, request.user.actor)
            go_on(request)
            messages.success(request, "Your second factor is removed. Other sessions have ended.")
            return redirect("two_factor")
    except UsedUp as used_up:
        return locked_out(request, used_up.seconds)
    return _page(request, off=form, status=422)


@needs(Permission.READ)
@require_POST
def renew(request: StaffRequest) -> HttpResponse:
    """New recovery codes."""
    form = CurrentPasswordField(request.POST)
    if not request.user.has_second_factor:
        return redirect("two_factor")
    try:
        if form.is_valid() and is_own_password(request, form):
            user = request.user
            return shows(request, second_factor.renew_recovery_codes(user.id, user.actor))
    except UsedUp as used_up:
        return locked_out(request, used_up.seconds)
    return _page(request, renewed=form, status=422)


def is_own_password(request: StaffRequest, form: CurrentPasswordField) -> bool:
    right = signing_in.judge_own(request.user, form.cleaned_data["current"], origin_of(request))
    if not right:
        form.add_error("current", "This is not your current password.")
    return right


def shows(request: StaffRequest, codes: list[str]) -> HttpResponse:
    """The recovery codes, only this once."""
    request.session.pop(_SETTING_UP, None)
    go_on(request)
    return render(request, "profile/recovery_codes.html", {"codes": codes})


def _app_added(request: StaffRequest) -> HttpResponse:
    request.session.pop(_SETTING_UP, None)
    messages.success(request, "Codes from your app sign you in too.")
    return redirect("two_factor")


def go_on(request: StaffRequest) -> None:
    """Let this session go on under another key. The person is read again, because the hash of a
    password may have been renewed when it was checked."""
    update_session_auth_hash(request, Staff.objects.get(id=request.user.id))


def _secret(request: StaffRequest) -> str:
    """The secret that this session sets up; the same until it is turned on."""
    noted = sealed.unseal(_PURPOSE, request.session.get(_SETTING_UP, ""))
    if noted is None:
        noted = second_factor.new_secret()
        request.session[_SETTING_UP] = sealed.seal(_PURPOSE, noted)
    return noted


def _page(
    request: StaffRequest,
    form: SetUpForm | None = None,
    status: int = 200,
    off: CurrentPasswordField | None = None,
    renewed: CurrentPasswordField | None = None,
) -> HttpResponse:
    has_app = second_factor.has_app(request.user)
    context: dict[str, Any] = {"section": "profile", "has_app": has_app}
    if request.user.has_second_factor:
        left = second_factor.recovery_codes_left(request.user)
        context |= {
            "off": off or CurrentPasswordField(auto_id="off_%s"),
            "renewed": renewed or CurrentPasswordField(auto_id="renewed_%s"),
            "left": left,
        }
    if not has_app:
        secret = _secret(request)
        context |= {
            "form": form or SetUpForm(),
            "drawing": _drawing(second_factor.address_for_app(request.user, secret)),
            "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        }
    return render(request, "profile/two_factor.html", context, status=status)


def _drawing(text: str) -> SafeString:
    svg = segno.make_qr(text).svg_inline(omitsize=True, border=0, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308 — made of squares; the text is drawn, not written
