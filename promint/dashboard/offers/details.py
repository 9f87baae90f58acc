"""An offer's page: which lists issue it and how often, and the dialogs that change or retire it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promint.accounts.roles import Permission
from promint.core.lists import offers
from promint.core.models import Offer
from promint.core.rules import Refusal, Refused
from promint.core.storage import database_now
from promint.dashboard.offers.index import OfferForm
from promint.dashboard.page import Meanwhile, Paging, StaffRequest, add_refusal, needs, offer_names

PER_PAGE = 25  # lists
NAMES_SHOWN = 20


@needs(Permission.READ)
def details(request: HttpRequest, offer_id: str) -> HttpResponse:
    return _page(request, offers.find(offer_id))


@needs(Permission.MANAGE)
def edit(request: StaffRequest, offer_id: str) -> HttpResponse:
    return _edit(request, offers.find(offer_id))


def _edit(request: StaffRequest, offer: Offer) -> HttpResponse:
    offer_id = offer.public_id
    first = {"name": offer.name, "description": offer.description}
    meanwhile = Meanwhile(first, request.POST)
    dialog: dict[str, Any] = {"dialog": "offers/edit.html", "meanwhile": meanwhile}
    if request.method != "POST":
        return _page(request, offer, form=OfferForm(initial=first), **dialog)
    form = OfferForm(meanwhile.data)
    if form.is_valid():
        found = meanwhile.conflicts(form, offer_id)
        if found or meanwhile.settled:
            return _page(request, offer, form=form, conflicts=found, **dialog)
        try:
            changes = meanwhile.changes(form.cleaned_data)
            changed = offers.change(offer_id, changes, request.user.actor, first)
        except Refused as refused:
            if refused.refusal is Refusal.CHANGED_MEANWHILE:  # changed since we looked
                return _edit(request, offers.find(offer_id))
            add_refusal(form, refused, {})
        else:
            twin = offer_names.same_as(changed) if "name" in changes else ""
            messages.success(request, f"{changed.name} is saved. {twin}".strip())
            return redirect("offer", offer_id)
    return _page(request, offer, 422, form=form, **dialog)


@needs(Permission.MANAGE)
def retire(request: StaffRequest, offer_id: str) -> HttpResponse:
    offer = offers.find(offer_id)
    if request.method != "POST":
        return _page(request, offer, dialog="offers/retire.html")
    offers.change(offer_id, {"retired": True}, request.user.actor)
    messages.success(request, f"{offer.name} is retired. Lists that have it issue it as before.")
    return redirect("offer", offer_id)


@needs(Permission.MANAGE)
@require_POST
def bring_back(request: StaffRequest, offer_id: str) -> HttpResponse:
    offer = offers.change(offer_id, {"retired": False}, request.user.actor)
    messages.success(request, f"{offer.name} is back. New lists can issue it.")
    return redirect("offer", offer_id)


def _page(request: HttpRequest, offer: Offer, status: int = 200, **more: Any) -> HttpResponse:
    use = offers.uses([offer])[offer.id]
    paging = Paging(request.GET.get("page", ""), use.lists, PER_PAGE)
    now = database_now()
    shown = offers.lists_with(offer)[paging.start : paging.stop]
    context = {
        "section": "offers",
        "offer": offer,
        "use": use,
        "rows": [(promo_list, promo_list.status(now)) for promo_list in shown],
        "former_names": offers.former_names_of(offer)[:NAMES_SHOWN],
        "paging": paging,
        **more,
    }
    return render(request, "offers/details.html", context, status=status)
