"""The codes of a list, page by page."""

import json

from django.http import HttpResponse
from django.shortcuts import render

from promint.accounts.roles import Permission
from promint.core.codes import batches, of_list, read_in_bulk
from promint.core.models import Batch, PromoList
from promint.core.rules import Refused
from promint.core.storage import sealed
from promint.dashboard.codes import address
from promint.dashboard.lists.state import ListState
from promint.dashboard.lists.state import of_list as with_list
from promint.dashboard.page import StaffRequest, needs

PER_PAGE = 100
BATCHES_SHOWN = 500  # to choose from
_PURPOSE = "promint.dashboard.lists.codes"


@needs(Permission.READ)
@with_list
def index(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    asked = request.GET
    batch, status = _batch(promo_list, asked.get("batch", "")), asked.get("status", "")
    status = status if status in of_list.STATUSES else ""
    handed_out = {"yes": True, "no": False}.get(asked.get("handed_out", ""))
    newest_first = asked.get("order") != "oldest"
    wanted = of_list.Wanted(promo_list, batch, status, handed_out, newest_first)
    found = of_list.page(wanted, _opened(asked.get("before", "")), PER_PAGE)
    read_in_bulk.note(request.user.actor, promo_list.public_id, len(found.codes))
    context = {
        "section": "lists",
        "list": promo_list,
        "state": ListState.read(promo_list),
        "rows": [(one, address.page_of(one.shown)) for one in found.codes],
        "wanted": wanted,
        "statuses": of_list.STATUSES,
        "batches": Batch.objects.filter(list=promo_list).order_by("-created_at")[:BATCHES_SHOWN],
        "first_page": "before" not in asked,
        "next": found.next and sealed.seal(_PURPOSE, json.dumps(found.next)),
    }
    return render(request, "lists/codes.html", context)


def _batch(promo_list: PromoList, public_id: str) -> Batch | None:
    """The batch; None if it is not a batch of this list, and then codes of all batches are
    shown."""
    try:
        batch = batches.find(public_id) if public_id else None
    except Refused:
        return None
    return batch if batch is not None and batch.list_id == promo_list.id else None


def _opened(sealed_position: str) -> of_list.Position | None:
    """The position in the URL; None, which means the first page, if Promint did not make it."""
    position = sealed.unseal(_PURPOSE, sealed_position)
    return None if position is None else tuple(json.loads(position))
