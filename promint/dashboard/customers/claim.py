"""Claim a code for a customer: a dialog over the customer's page, for an agent on the phone."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core.claiming import Result, by_staff
from promint.core.rules import CUSTOMER_MESSAGES, Refused, Verdict, limits
from promint.dashboard.customers import profile
from promint.dashboard.page import (
    WHY,
    StaffRequest,
    add_refusal,
    form_key,
    in_full,
    needs,
    text_input,
)


class ClaimForm(forms.Form):
    code = forms.CharField(
        label="Promo code",
        max_length=limits.TYPED_CODE_CHARACTERS,
        widget=text_input(autocomplete="off", autocapitalize="characters", spellcheck="false"),
        help_text="As the customer reads it out. Dashes, spaces and small letters do not matter.",
        error_messages={"required": "Enter the code that the customer reads out."},
    )


@needs(Permission.SERVE)
def claim(request: StaffRequest, customer: str) -> HttpResponse:
    if request.method != "POST":
        return profile.page(request, customer, form=ClaimForm())
    form = ClaimForm(request.POST)
    if form.is_valid():
        try:
            code, key = form.cleaned_data["code"], form_key(request)
            result = by_staff.claim_for(customer, code, request.user.actor, key)
        except Refused as refused:
            add_refusal(form, refused, {"customer": "code"})
        else:
            return _answer(request, customer, form, result)
    return profile.page(request, customer, 422, form=form)


def _answer(
    request: StaffRequest, customer: str, form: ClaimForm, result: Result | None
) -> HttpResponse:
    if result is None:
        messages.success(request, f"Claimed for {customer}.")
        return redirect("customer", customer)
    if result.verdict is Verdict.CLAIMED and result.code is not None:
        issued = in_full(result.code.facts.outcomes)
        messages.success(request, f"Claimed for {customer}: {issued}.")
        return redirect("customer", customer)
    more = {"why": WHY[result.verdict], "customer_reads": CUSTOMER_MESSAGES[result.verdict]}
    return profile.page(request, customer, 409, form=form, **more)
