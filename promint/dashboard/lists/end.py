"""Ends a list at once, or deletes it. Both are dialogs over the list's page, which first say what
happens."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core import lists
from promint.core.models import PromoList
from promint.core.rules import Refused
from promint.dashboard.lists import details
from promint.dashboard.lists.state import of_list
from promint.dashboard.page import StaffRequest, needs


@needs(Permission.MANAGE)
@of_list
def end_now(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    if request.method != "POST":
        return details.page(request, promo_list, dialog="lists/end.html")
    try:
        lists.end_now(promo_list.public_id, request.user.actor)
    except Refused as refused:
        why = " ".join(refused.fields.values()) or refused.detail
        return details.page(request, promo_list, 409, dialog="lists/end.html", why_not=why)
    messages.success(request, f"{promo_list.name} has ended. A later end makes it active again.")
    return redirect("list", promo_list.public_id)


@needs(Permission.MANAGE)
@of_list
def delete(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    if request.method != "POST":
        return details.page(request, promo_list, dialog="lists/delete.html")
    try:
        lists.remove(promo_list.public_id, request.user.actor)
    except Refused as refused:
        return details.page(
            request, promo_list, 409, dialog="lists/delete.html", why_not=refused.detail
        )
    messages.success(request, f"{promo_list.name} is deleted.")
    return redirect("lists")
