"""Gives a customer a code: a dialog over the customer's page, for an agent on the phone."""

import json
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
from promint.dashboard.customers.claim import questions_about
from promint.dashboard.page import (
    StaffRequest,
    Text,
    add_refusal,
    formats,
    needs,
    sent_once,
    text_input,
    unanswered,
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
        if questions := unanswered(request, questions_about(customer)):
            return profile.page(
                request, customer, giving=form, offered=offered, questions=questions
            )
        try:
            given, _ = sent_once(request, lambda: _given(request, customer, form))
        except Refused as refused:
            add_refusal(form, refused, {"recipient": "list"})
        else:
            code_page, level, sentence = json.loads(given)
            messages.add_message(request, level, sentence)
            return redirect(code_page)
    return profile.page(request, customer, 422, giving=form, offered=offered)


def _given(request: StaffRequest, customer: str, form: GiveForm) -> str:
    """Hand out a code. Returns as JSON: the URL of its page, the level and text of a message."""
    chosen, reason = form.cleaned_data["list"], form.cleaned_data["reason"]
    state, new = given_by_staff.give(chosen, customer, reason, request.user.actor)
    return json.dumps([address.page_of(state.shown), *_told(customer, state, new)])


def _told(customer: str, state: HandoutState, new: bool) -> tuple[int, str]:
    if new:
        return messages.SUCCESS, f"This code is for {customer}. Read it out, or copy it."
    again = f"{customer} had this code already, and gets no other from this list."
    if used := _used(state):
        return messages.WARNING, f"{again} It is {used}: choose another list."
    return messages.SUCCESS, f"{again} Read it out, or copy it."


def _used(state: HandoutState) -> str:
    """Why the code can no longer be claimed by anybody; empty if it can."""
    if state.claimed_at:
        return "claimed"
    return "used" if state.taken_back_at else "cancelled" if state.cancelled_at else ""
