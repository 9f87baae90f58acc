"""Create a promo code list, or a copy of one: the form, and what it shows while a person types.

While a person types, the form is posted here with what to `do`, and HTMX replaces the parts of the
page that have changed. Without scripts, the same buttons load the whole page, which keeps what was
typed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from promint.accounts.roles import Permission
from promint.core import codes, lists
from promint.core.codes import batches
from promint.core.lists import offers
from promint.core.models import Offer, PromoList
from promint.core.rules import ListType, NewList, Refused, codewords
from promint.core.storage import database_now
from promint.dashboard.batches import CodeSpace
from promint.dashboard.lists import costs, names
from promint.dashboard.lists import form as list_form
from promint.dashboard.lists.copied import copied_values, left_out
from promint.dashboard.lists.form import ListForm
from promint.dashboard.lists.liability import Liability, unreadable
from promint.dashboard.lists.state import of_list
from promint.dashboard.page import (
    End,
    StaffRequest,
    add_refusal,
    focus_on_end,
    needs,
    sent_once,
    unanswered,
    until_end_of_day,
    whole_number,
    why_unreadable,
)

NEXT_STEPS = {ListType.SINGLE_USE: "#generate", ListType.THIRD_PARTY: "#upload"}
OFFERS_SHOWN = 12  # besides those chosen
GOOD_FOR = {
    ListType.SINGLE_USE: (
        "Random codes, each claimed once by one customer and tracked one by one.",
        "Good for customer service.",
    ),
    ListType.MULTI_USE: (
        "One code with a name you choose. Every customer can claim it once, until the cap.",
        "Good for campaigns and events.",
    ),
    ListType.THIRD_PARTY: (
        "Codes from a partner that you upload. We check that each one is valid and unused.",
        "Good for joint promotions.",
    ),
}


@dataclass(frozen=True)
class Beginning:
    """The first values of the form, and the URL to which it is sent."""

    address: str
    values: Callable[[], dict[str, Any]]
    copied: PromoList | None = None  # the list of which the new one is a copy


@needs(Permission.MANAGE)
def create(request: StaffRequest) -> HttpResponse:
    kind = request.GET.get("type", "")
    begin = Beginning(reverse("new_list"), lambda: list_form.first_values(kind))
    return form_page(request, begin)


@needs(Permission.MANAGE)
@of_list
def copy(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    """The form with everything but the name, the dates and the code of another list."""
    begin = Beginning(
        address=reverse("copy_list", args=[promo_list.public_id]),
        values=lambda: copied_values(promo_list),
        copied=promo_list,
    )
    return form_page(request, begin)


def form_page(request: StaffRequest, begin: Beginning) -> HttpResponse:
    if request.method != "POST":
        return _page(request, begin, ListForm(initial=begin.values()))
    match request.POST.get("do"):
        case "preview" | "find-offers":
            return _page(request, begin, ListForm(initial=list_form.as_typed(request.POST)))
        case "end-of-day":
            form = ListForm(initial=until_end_of_day(list_form.as_typed(request.POST)))
            focus_on_end(form)
            return _page(request, begin, form)
        case "add-offer":
            return _add_offer(request, begin)
    return _create(request, begin)


def _create(request: StaffRequest, begin: Beginning) -> HttpResponse:
    form = ListForm(request.POST)
    if form.is_valid():
        twin = names.same_as(form.cleaned_data["name"])
        asked = costs.of_new(form.new_list(), database_now())
        if questions := unanswered(request, names.told_with(asked, twin)):
            return _page(request, begin, form, questions=questions)
        try:
            page, _ = sent_once(request, lambda: _created(request, form.new_list(), begin.copied))
        except Refused as refused:
            add_refusal(form, refused, list_form.FIELDS)
        else:
            messages.success(
                request, f"{form.cleaned_data['name'].strip()} is created. {twin}".strip()
            )
            return redirect(page)
    return _page(request, begin, form)


def _created(request: StaffRequest, new: NewList, copied: PromoList | None) -> str:
    """Create the list and return the URL of its page, at what it needs next."""
    copied_from = copied.public_id if copied else None
    if copied:
        new = replace(new, customer_messages=copied.customer_messages)
    created = lists.create(new, request.user.actor, copied_from)
    page = reverse("list", args=[created.public_id])
    return page + NEXT_STEPS.get(new.type, "")


def _add_offer(request: StaffRequest, begin: Beginning) -> HttpResponse:
    """Choose the offer of the typed name. It is created from within the form if there is none."""
    typed = list_form.as_typed(request.POST)
    problem, said, name = "", "", request.POST.get("new_offer", "")
    there = offers.offered_as(name)
    try:
        new = there or _created_offer(request, name)
        typed["offers"] = list(dict.fromkeys([*typed["offers"], new.public_id]))
        said, name = (
            f"{new.name} is {'chosen: it was there' if there else 'added, and chosen'}.",
            "",
        )
    except Refused as refused:
        problem = " ".join(refused.fields.values())
    more = {"new_offer": name, "new_offer_problem": problem, "offer_said": said, "was_there": there}
    return _page(request, begin, ListForm(initial=typed), **more)


def _created_offer(request: StaffRequest, name: str) -> Offer:
    made, _ = sent_once(request, lambda: offers.create(name, "", request.user.actor).public_id)
    return offers.find(made)


def _page(request: HttpRequest, begin: Beginning, form: ListForm, **more: Any) -> HttpResponse:
    search = request.POST.get("offer_search", "")
    chosen = _chosen_offers(form["offers"].value() or [])
    context = {
        "section": "lists",
        "form": form,
        "address": begin.address,
        "copied": begin.copied,
        "left_out": left_out(begin.copied) if begin.copied else [],
        "end": End.of(form),
        "kinds": [(kind, *GOOD_FOR[kind]) for kind in ListType],
        "chosen_offers": chosen,
        "other_offers": _other_offers(search, chosen),
        "offer_search": search,
        "new_offer": request.POST.get("new_offer", ""),
        "liability": _liability(form, chosen),
        "space": _code_space(form),
        "name_check": names.same_as(form["name"].value() or ""),
        "code_check": _code_check(form) if _typing(request) else "",
        **more,
    }
    return render(request, "lists/create.html", context)


def _typing(request: HttpRequest) -> bool:
    return request.POST.get("do") == "preview"


def _chosen_offers(public_ids: list[str]) -> list[Offer]:
    try:
        return offers.by_public_ids(public_ids)
    except Refused:  # one of them does not exist, which saving will say
        return []


def _other_offers(search: str, chosen: list[Offer]) -> list[Offer]:
    found = offers.offered(search.strip().replace("\0", ""))[: OFFERS_SHOWN + len(chosen)]
    return [offer for offer in found if offer not in chosen][:OFFERS_SHOWN]


def _liability(form: ListForm, chosen: list[Offer]) -> Liability:
    capped = form["capping"].value() == list_form.CAPPED
    points, cap = form["points"].value(), form["cap"].value() if capped else None
    return Liability(
        points=whole_number(points) or 0,
        capped=capped,
        cap=whole_number(cap),
        offers=tuple(offer.name for offer in chosen),
        unreadable=unreadable(points=why_unreadable(points), cap=why_unreadable(cap)),
    )


def _code_space(form: ListForm) -> CodeSpace | None:
    """None if the prefix or the length is not usable."""
    prefix = (form["code_prefix"].value() or "").strip().upper()
    length = whole_number(form["code_length"].value()) or 0
    if not CodeSpace.possible(prefix, length):
        return None
    like_this = PromoList(code_prefix=prefix, code_length=length)
    return CodeSpace(prefix, length, batches.existing_codes(like_this))


def _code_check(form: ListForm) -> str:
    """Whether the code of a multi use list is free. Shown while it is typed."""
    code = (form["code"].value() or "").strip()
    if form["type"].value() != ListType.MULTI_USE or codewords.canonical(code) is None:
        return ""
    if not codes.exists(code):
        return f"{code} is free."
    others = (f"{code}{n}" for n in range(2, 10))
    free = next((other for other in others if not codes.exists(other)), None)
    return f"{code} exists already." + (f" {free} is free." if free else "")
