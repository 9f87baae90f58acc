"""Takes a claim back: a dialog over the customer's page, which first says what is taken back."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core import claiming
from promint.core.claiming import ClaimState, reversal
from promint.core.rules import ListType, Refused, limits
from promint.dashboard.customers import profile
from promint.dashboard.page import (
    StaffRequest,
    Text,
    add_refusal,
    in_full,
    needs,
    text_input,
)

STAYS_USED, AVAILABLE_AGAIN = "stays_used", "available_again"


class ReverseForm(forms.Form):
    reason = Text(
        max_length=limits.REASON_CHARACTERS,
        widget=text_input(autocomplete="off", placeholder="Order returned"),
        help_text="It is kept in the audit log and in the code’s history.",
        error_messages={"required": "Say why the claim is taken back."},
    )
    code = forms.ChoiceField(
        choices=[(STAYS_USED, "It stays used"), (AVAILABLE_AGAIN, "It is available again")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of the code."},
    )


@needs(Permission.MANAGE)
def reverse(request: StaffRequest, claim_id: str) -> HttpResponse:
    state = claiming.find_claim(claim_id)
    if request.method != "POST":
        return _dialog(request, state, ReverseForm(initial={"code": STAYS_USED}))
    form = ReverseForm(request.POST)
    if form.is_valid():
        again = form.cleaned_data["code"] == AVAILABLE_AGAIN
        reason, actor = form.cleaned_data["reason"], request.user.actor
        try:
            found = reversal.reverse(claim_id, reason, actor, available_again=again)
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            taken = in_full(found.taken_back) or "nothing, for others of their claims give it too"
            messages.success(request, f"The claim is taken back: {taken}.")
            return redirect("customer", state.claim.customer)
    return _dialog(request, state, form, 422)


def _dialog(
    request: StaffRequest, state: ClaimState, form: ReverseForm, status: int = 200
) -> HttpResponse:
    done = reversal.find(state.claim.id)
    stake = None if done else reversal.at_stake(state)
    more = {
        "reverse_form": form,
        "reversing": state,
        "shared": state.facts.type is ListType.MULTI_USE,
        "stake": stake,
        "goes_back": in_full(stake.outcomes) if stake else "",
        "done": done,
    }
    return profile.page(request, state.claim.customer, status, **more)
