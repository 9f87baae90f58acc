"""Gives a customer a code: a dialog over the customer's page, for an agent on the phone."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core.codes import HandoutState, Offered, given_by_staff
from promint.core.rules import Refused, limits
from promint.dashboard.codes import address
from promint.dashboard.customers import profile
from promint.dashboard.page import (
    StaffRequest,
    Text,
    add_refusal,
    formats,
    needs,
    sent_once,
    text_input,
)


class GiveForm(forms.Form):
    list = forms.ChoiceField(
        label="List", error_messages={"required": "Choose the list that the code is of."}
    )
    reason = Text(
        label="Reason",
        max_length=limits.REASON_CHARACTERS,
        widget=text_input(autocomplete="off"),
        help_text="Why the customer gets it. It is kept in the code’s history.",
        error_messages={"required": "Say why the customer gets a code."},
    )

    def __init__(self, offered: Sequence[Offered], data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        choices = [(one.promo_list.public_id, _described(one)) for one in offered]
        self.fields["list"].choices = choices  # type: ignore[attr-defined]
        self.fields["list"].widget.attrs |= {"class": "input"}


def _described(one: Offered) -> str:
    return f"{formats.number(one.left)} left today: {one.promo_list.name}"


@needs(Permission.SERVE)
def give(request: StaffRequest, customer: str) -> HttpResponse:
    offered = given_by_staff.offered(request.user.actor)
    if request.method != "POST":
        return profile.page(request, customer, giving=GiveForm(offered), offered=offered)
    form = GiveForm(offered, request.POST)
    if form.is_valid():
        try:
            had: list[HandoutState] = []  # the code, if the customer had it before
            code_page, _ = sent_once(request, lambda: _given(request, customer, form, had))
        except Refused as refused:
            add_refusal(form, refused, {"recipient": "list"})
        else:
            _say(request, customer, had)
            return redirect(code_page)
    return profile.page(request, customer, 422, giving=form, offered=offered)


def _given(request: StaffRequest, customer: str, form: GiveForm, had: list[HandoutState]) -> str:
    """Hand out a code and return the URL of its page. Adds a code that is not new to `had`."""
    chosen, reason = form.cleaned_data["list"], form.cleaned_data["reason"]
    state, new = given_by_staff.give(chosen, customer, reason, request.user.actor)
    if not new:
        had.append(state)
    return address.page_of(state.shown)


def _say(request: StaffRequest, customer: str, had: list[HandoutState]) -> None:
    if not had:
        messages.success(request, f"This code is for {customer}. Read it out, or copy it.")
        return
    again = f"{customer} had this code already, and gets no other from this list."
    if had[0].claimed_at or had[0].cancelled_at:
        used = "claimed" if had[0].claimed_at else "cancelled"
        messages.warning(request, f"{again} It is {used}: choose another list.")
    else:
        messages.success(request, f"{again} Read it out, or copy it.")
