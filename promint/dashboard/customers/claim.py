"""Claims a code for a customer: a dialog over the customer's page, for an agent on the phone."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core import codes, customers
from promint.core.claiming import Result, by_staff
from promint.core.rules import Refused, Verdict, limits
from promint.dashboard.customers import profile
from promint.dashboard.page import (
    StaffRequest,
    Text,
    add_refusal,
    form_key,
    formats,
    in_full,
    needs,
    text_input,
    unanswered,
    why_refused,
)


class ClaimForm(forms.Form):
    code = Text(
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
        code, key = form.cleaned_data["code"], form_key(request)
        if questions := unanswered(request, questions_about_claim(code, customer)):
            return profile.page(request, customer, form=form, questions=questions)
        try:
            result = by_staff.claim_for(customer, code, request.user.actor, key)
        except Refused as refused:
            add_refusal(form, refused, {"customer": "code"})
        else:
            return _answer(request, customer, form, result)
    return profile.page(request, customer, 422, form=form)


def _answer(
    request: StaffRequest, customer: str, form: ClaimForm, result: Result | None
) -> HttpResponse:
    if result is None or result.verdict is Verdict.CLAIMED:
        messages.success(request, said(customer, result))
        return redirect("customer", customer)
    return profile.page(request, customer, 409, form=form, **why_refused(result))


def questions_about(customer: str) -> list[str]:
    """A question before a claim or a gift under an id that nobody knows, because it may be
    mistyped. Asked once."""
    if customers.exists(customer):
        return []
    like_it = next((one.id for one in customers.find(customer, 1).customers), None)
    known = f" There is “{like_it}”." if like_it else ""
    return [
        f"Nobody has claimed or been given anything under the id “{customer}”.{known}"
        " Compare it with the shop’s."
    ]


def questions_about_claim(code: str, customer: str) -> list[str]:
    """The same before a claim, and one about a code that somebody else was given."""
    asked = questions_about(customer)
    try:
        handout = codes.find(code).handout
    except Refused:
        return asked  # the claim says why
    if handout is not None and handout.recipient != customer:
        asked.append(f"The code was handed out to “{handout.recipient}”.")
    return asked


def said(customer: str, result: Result | None) -> str:
    """The message after a claim. `result` is None if the same form made the claim before."""
    if result is None or result.code is None:
        return f"Claimed for {formats.apart(customer)}."
    return f"Claimed for {formats.apart(customer)}: {in_full(result.code.facts.outcomes)}."
