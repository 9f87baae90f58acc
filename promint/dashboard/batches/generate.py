"""Generate Codes: a dialog over a list's page, with a URL of its own."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from promint.accounts.roles import Permission
from promint.core.codes import batches
from promint.core.models import PromoList
from promint.core.rules import ListType, Refused, limits
from promint.dashboard.batches.beyond_cap import never_claimable
from promint.dashboard.batches.code_space import CodeSpace
from promint.dashboard.batches.fields import BatchFields
from promint.dashboard.lists import details, of_list
from promint.dashboard.page import (
    Question,
    StaffRequest,
    WholeNumber,
    add_refusal,
    formats,
    needs,
    sent_once,
    unanswered,
    whole_number,
    why_unreadable,
)


class GenerateForm(BatchFields):
    quantity = WholeNumber(
        label="Number of codes", help_text=f"Up to {limits.BATCH_CODES:,} in one batch."
    )

    def clean_quantity(self) -> int:
        quantity: int | None = self.cleaned_data["quantity"]
        if quantity is None:
            raise forms.ValidationError("Write how many codes you want, like 1,000 or 1000.")
        return quantity


@needs(Permission.MANAGE)
@of_list
def generate(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    if promo_list.type != ListType.SINGLE_USE:
        raise Http404("Only the codes of single use lists are generated.")
    if request.method != "POST":
        first = {"alert_to": request.user.email}
        return _dialog(request, promo_list, GenerateForm(initial=first))
    if request.POST.get("do") == "preview":
        return _dialog(request, promo_list, GenerateForm(initial=request.POST.dict()))
    form = GenerateForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        beyond = never_claimable(promo_list, typed["quantity"])
        if questions := unanswered(request, [beyond] if beyond else []):
            return _dialog(request, promo_list, form, questions)
        try:
            page, _ = sent_once(request, lambda: _requested(request, promo_list, form))
        except Refused as refused:
            add_refusal(form, refused, {"notify": "alert_to"})
        else:
            making = formats.counted(typed["quantity"], "code")
            messages.success(request, f"Generating {making}. You can leave this page.")
            return redirect(page)
    return _dialog(request, promo_list, form)


def _requested(request: StaffRequest, promo_list: PromoList, form: GenerateForm) -> str:
    typed, list_id = form.cleaned_data, promo_list.public_id
    addresses = form.addresses()
    batches.request(list_id, typed["quantity"], typed["name"], addresses, request.user.actor)
    return reverse("list", args=[list_id])


def _dialog(
    request: StaffRequest,
    promo_list: PromoList,
    form: GenerateForm,
    questions: Sequence[Question] = (),
) -> HttpResponse:
    quantity = whole_number(form["quantity"].value()) or 0
    beyond = never_claimable(promo_list, quantity)
    more: dict[str, Any] = {
        "dialog": "batches/generate.html",
        "form": form,
        "quantity": quantity,
        "button": f"Generate {formats.counted(quantity, 'code') if quantity else 'codes'}",
        "questions": questions,
        "beyond_cap": Question(beyond) if beyond else None,
        "unreadable": why_unreadable(form["quantity"].value()),
        "space": CodeSpace(
            promo_list.code_prefix,
            promo_list.code_length,
            batches.existing_codes(promo_list) + quantity,
        ),
    }
    return details.page(request, promo_list, **more)
