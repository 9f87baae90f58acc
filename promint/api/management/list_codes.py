"""The codes of a list."""

import json
from typing import Any, Literal

from ninja import Router

from promint.accounts.roles import Scope
from promint.api.management import cursors
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.codes import CodeJson, code_json
from promint.api.management.paging import CursorCollection, CursorPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import errors
from promint.core import lists
from promint.core.codes import batches, of_list, read_in_bulk
from promint.core.rules import invalid

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Codes"])


class CodesPage(CursorPage):
    """An empty filter means any. `order` is by batch and then by code; claimed codes are ordered
    by their claims, and codes that are not cancelled, with `handed_out`, by their handouts."""

    batch: str = ""
    status: Literal["", "available", "claimed", "cancelled"] = ""
    handed_out: bool | None = None
    order: Literal["newest", "oldest"] = "newest"


@router.get(
    "/{id}/codes",
    response=CursorCollection[CodeJson],
    openapi_extra=errors("invalid_request", "not_found"),
)
def list_codes_of_list(request: ApiRequest, id: str, page: Parameters[CodesPage]) -> dict[str, Any]:
    """A page may have fewer codes than `limit`, or none, and still have a `next` page. Each page
    looks at a limited number of codes, including those that the filter leaves out."""
    promo_list = lists.find(id)
    batch = batches.find(page.batch) if page.batch else None
    if batch is not None and batch.list_id != promo_list.id:
        raise invalid({"batch": "This is a batch of another list."})
    collection = json.dumps(["codes of", id, page.batch, page.status, page.handed_out, page.order])
    after = cursors.read(page.cursor, collection) if page.cursor else None
    newest_first = page.order == "newest"
    wanted = of_list.Wanted(promo_list, batch, page.status, page.handed_out, newest_first)
    found = of_list.page(wanted, (after[0], after[1]) if after else None, page.limit)
    read_in_bulk.note(request.auth.actor, promo_list.public_id, len(found.codes))
    return {
        "items": [code_json(state) for state in found.codes],
        "next": cursors.write(collection, *found.next) if found.next else None,
    }
