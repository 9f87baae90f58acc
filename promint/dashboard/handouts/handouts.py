"""The handouts of a list in pages, and the files by which codes were handed out."""

import json
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render

from promint.accounts.roles import Permission
from promint.core import bulk_handouts
from promint.core.codes import HandoutState, handouts, read_in_bulk
from promint.core.models import PromoList
from promint.core.rules import ListType, checks
from promint.core.storage import sealed
from promint.dashboard.codes import address
from promint.dashboard.lists import ListState, of_list
from promint.dashboard.page import StaffRequest, needs

PER_PAGE = 100
FILES_SHOWN = 5
_PURPOSE = "promint.dashboard.handouts"


@needs(Permission.MANAGE)
@of_list
def index(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    check_type(promo_list)
    typed, position = request.GET.get("recipient", ""), request.GET.get("before", "")
    problem = checks.customer(typed) if typed else None
    found = [] if problem else _page(promo_list, typed, _opened(position, typed))
    shown = found[:PER_PAGE]
    read_in_bulk.note(request.user.actor, promo_list.public_id, len(shown))
    context = {
        "section": "lists",
        "list": promo_list,
        "state": ListState.read(promo_list),
        "rows": [(one, address.page_of(one.shown)) for one in shown],
        "typed": typed,
        "problem": problem,
        "files": bulk_handouts.of_list(promo_list.id)[:FILES_SHOWN],
        "first_page": not position,
        "next": _position(shown[-1], typed) if len(found) > PER_PAGE else None,
    }
    return render(request, "handouts/index.html", context, status=422 if problem else 200)


def check_type(promo_list: PromoList) -> None:
    if promo_list.type == ListType.MULTI_USE:
        raise Http404("The code of a multi use list is for everyone.")


def _page(promo_list: PromoList, typed: str, position: list[str] | None) -> list[HandoutState]:
    """The rows of a page, and one row more if there is a next page."""
    if typed:
        after = None if position is None else (position[0], int(position[1]))
        return handouts.starting_with(promo_list.id, typed, after, PER_PAGE + 1)
    before = None if position is None else (datetime.fromisoformat(position[0]), position[1])
    return handouts.of_list(promo_list.id, before, PER_PAGE + 1)


def _position(last: HandoutState, typed: str) -> str:
    """Where the next page begins, encrypted for the URL."""
    one = last.handout
    place = [one.recipient, str(one.place)] if typed else [one.handed_out_at.isoformat(), one.code]
    return sealed.seal(_purpose(typed), json.dumps(place))


def _opened(position: str, typed: str) -> list[str] | None:
    """The position in the URL; None, which means the first page, if no page with this order made
    it."""
    text = sealed.unseal(_purpose(typed), position)
    return None if text is None else list(json.loads(text))


def _purpose(typed: str) -> str:
    return f"{_PURPOSE} {'by recipient' if typed else 'newest first'}"
