"""Offers: a page that lists them and where they are used, and a dialog that creates one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from promint.accounts.roles import Permission
from promint.core.lists import offers
from promint.core.rules import Refused, limits
from promint.dashboard.page import (
    Paging,
    StaffRequest,
    Text,
    add_refusal,
    needs,
    offer_names,
    sent_once,
    text_input,
)

PER_PAGE = 25


class OfferForm(forms.Form):
    name = Text(
        max_length=limits.NAME_CHARACTERS,
        widget=text_input(autocomplete="off", autofocus=True),
        help_text="Customers hold what is issued under the name that the offer has then.",
        error_messages={"required": "Give the offer a name."},
    )
    description = Text(
        required=False,
        max_length=limits.OFFER_DESCRIPTION_CHARACTERS,
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )


@needs(Permission.READ)
def index(request: HttpRequest) -> HttpResponse:
    return _page(request)


@needs(Permission.MANAGE)
def create(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, form=OfferForm())
    form = OfferForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            twin, _ = sent_once(request, lambda: _create(typed, request.user.actor))
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            name = typed["name"].strip()
            said = f"{name} is created. Lists can issue it from now on."
            messages.success(request, f"{said} {twin}".strip())
            return redirect("offers")
    return _page(request, 422, form=form)


def _create(typed: dict[str, Any], actor: str) -> str:
    """What is to be said about the name of the new offer."""
    return offer_names.same_as(offers.create(typed["name"], typed["description"], actor))


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    search = request.GET.get("search", "").replace("\0", "")[: limits.NAME_CHARACTERS]
    found = offers.search(search.strip())
    paging = Paging(request.GET.get("page", ""), found.count(), PER_PAGE)
    shown = list(found[paging.start : paging.stop])
    uses = offers.uses(shown)
    context = {
        "section": "offers",
        "search": search,
        "rows": [(offer, uses[offer.id]) for offer in shown],
        "paging": paging,
        **more,
    }
    return render(request, "offers/index.html", context, status=status)
