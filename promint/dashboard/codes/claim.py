"""Claims a code that was looked up for a customer: a dialog over the code's page."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core import codes
from promint.core.claiming import by_staff
from promint.core.rules import Refused, Verdict, limits
from promint.dashboard.codes import address, administer
from promint.dashboard.customers import claim as for_customer
from promint.dashboard.page import (
    StaffRequest,
    Text,
    add_refusal,
    form_key,
    needs,
    text_input,
    unanswered,
    why_refused,
)


class CustomerForm(forms.Form):
    customer = Text(
        label="Customer id",
        max_length=limits.CUSTOMER_CHARACTERS,
        widget=text_input(autocomplete="off", spellcheck="false", autofocus=True),
        help_text="The id that your shop uses. Capital and small letters count.",
        error_messages={"required": "Enter the customer’s id."},
    )


@needs(Permission.SERVE)
def claim(request: StaffRequest, sealed_code: str) -> HttpResponse:
    typed = address.opened(sealed_code)
    if request.method != "POST":
        return administer.page(request, typed, claim_form=_for_its_recipient(typed))
    form = CustomerForm(request.POST)
    if not form.is_valid():
        return administer.page(request, typed, 422, claim_form=form)
    customer = form.cleaned_data["customer"]
    if questions := unanswered(request, for_customer.questions_about_claim(typed, customer)):
        return administer.page(request, typed, claim_form=form, questions=questions)
    try:
        result = by_staff.claim_for(customer, typed, request.user.actor, form_key(request))
    except Refused as refused:
        add_refusal(form, refused, {"code": "customer"})
        return administer.page(request, typed, 422, claim_form=form)
    if result is None or result.verdict is Verdict.CLAIMED:
        messages.success(request, for_customer.said(customer, result))
        return redirect("customer", customer)
    return administer.page(request, typed, 409, claim_form=form, **why_refused(result))


def _for_its_recipient(typed: str) -> CustomerForm:
    """The form, filled in with the customer to whom the code was handed out."""
    try:
        handout = codes.find(typed).handout
    except Refused:
        return CustomerForm()
    return CustomerForm(initial={"customer": handout.recipient} if handout else None)
