"""An offer's page: which lists issue it and how often, and the dialogs that change or retire it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promint.accounts.roles import Permission
from promint.core.lists import offers
from promint.core.models import Offer
from promint.core.rules import Refused
from promint.core.storage import database_now
from promint.dashboard.offers.index import OfferForm
from promint.dashboard.page import Paging, StaffRequest, add_refusal, needs

PER_PAGE = 25  # lists
NAMES_SHOWN = 20


@needs(Permission.READ)
def details(request: HttpRequest, offer_id: str) -> HttpResponse:
    return _page(request, offers.find(offer_id))


@needs(Permission.MANAGE)
def edit(request: StaffRequest, offer_id: str) -> HttpResponse:
    offer = offers.find(offer_id)
    if request.method != "POST":
        initial = {"name": offer.name, "description": offer.description}
        return _page(request, offer, dialog="offers/edit.html", form=OfferForm(initial=initial))
    form = OfferForm(request.POST)
    if form.is_valid():
        try:
            changed = offers.change(offer_id, form.cleaned_data, request.user.actor)
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            messages.success(request, f"{changed.name} is saved.")
            return redirect("offer", offer_id)
    return _page(request, offer, 422, dialog="offers/edit.html", form=form)


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
