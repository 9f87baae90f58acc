"""The page for a forgotten password, and the page to which a link in a mail leads, where a
person chooses the first password or a new one."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from promint.accounts import allowances, links, mails, network_addresses, passwords
from promint.accounts.allowances import Kind, Use, UsedUp
from promint.accounts.models import Staff
from promint.core.rules import Refused, limits
from promint.dashboard.page import (
    Text,
    add_refusal,
    open_to_all,
)
from promint.dashboard.sign_in.origin import address_of, remember_device
from promint.dashboard.sign_in.password_fields import NewPasswordFields
from promint.dashboard.sign_in.ways_on import locked_out


class ForgottenForm(forms.Form):
    email = Text(
        label="E-mail",
        max_length=limits.ADDRESS_CHARACTERS,
        widget=forms.EmailInput(
            attrs={"class": "input", "autocomplete": "username", "autofocus": True}
        ),
        error_messages={"required": "Enter the e-mail address that you sign in with."},
    )


@open_to_all
def forgotten(request: HttpRequest) -> HttpResponse:
    """The answer is the same for every address, whether it has an account or not."""
    form = ForgottenForm(request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "sign_in/forgotten.html", {"form": form}, status=status)
    try:
        allowances.take([Use(Kind.FORGOTTEN, network_addresses.network(address_of(request)))])
    except UsedUp as used_up:
        return locked_out(request, used_up.seconds)
    mails.forgotten(form.cleaned_data["email"])
    return render(request, "sign_in/on_its_way.html")


@open_to_all
@never_cache
def choose(request: HttpRequest, token: str) -> HttpResponse:
    staff = links.staff_of(token)
    if staff is None:
        return _over(request)
    if request.method != "POST":
        return _page(request, staff, NewPasswordFields())
    form = NewPasswordFields(request.POST)
    form.full_clean()
    form.judge(staff)
    if form.is_valid():
        try:
            done = passwords.set_by_link(token, form.cleaned_data["password"])
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            if done is None:
                return _over(request)
            messages.success(request, "Your password is set. Sign in with it.")
            response = redirect("sign_in")
            remember_device(request, response, done)  # so that strangers cannot lock it out
            return response
    return _page(request, staff, form, 422)


def _page(
    request: HttpRequest, staff: Staff, form: NewPasswordFields, status: int = 200
) -> HttpResponse:
    context = {"staff": staff, "form": form}
    return render(request, "sign_in/choose.html", context, status=status)


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "sign_in/over.html", status=410)
