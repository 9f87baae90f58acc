"""The claims of a list."""

import json
from datetime import datetime
from typing import Annotated, Any

from ninja import Router
from pydantic import AfterValidator, Field

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.management import cursors
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.claims import ClaimJson, claim_json
from promint.api.management.fields import AskedMoment, SearchText
from promint.api.management.paging import CursorCollection, CursorPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import errors
from promint.core import lists
from promint.core.claiming import of_list
from promint.core.rules import checks

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Claiming"])


def _customer(sent: str) -> str:
    if sent and (problem := checks.customer(sent)):
        raise ValueError(problem)
    return sent


class ClaimsPage(CursorPage):
    """An empty filter means any. `since` is included, `until` is not."""

    customer: Annotated[
        str,
        AfterValidator(_customer),
        Field(json_schema_extra={**json_schema.CUSTOMER, "minLength": 0}),
    ] = ""
    code: SearchText = ""
    since: AskedMoment | None = None
    until: AskedMoment | None = None


@router.get(
    "/{id}/claims",
    response=CursorCollection[ClaimJson],
    openapi_extra=errors("invalid_request", "not_found"),
)
def list_claims_of_list(
    request: ApiRequest, id: str, page: Parameters[ClaimsPage]
) -> dict[str, Any]:
    """Newest first. A page may have fewer claims than `limit`, or none, and still have a `next`
    page: the claims of a customer in other lists are read and left out."""
    promo_list = lists.find(id)
    times = [moment and moment.isoformat() for moment in (page.since, page.until)]
    collection = json.dumps(["claims of", id, page.customer, page.code, *times])
    wanted = of_list.Wanted(promo_list, page.customer, page.code, page.since, page.until)
    found = of_list.page(wanted, _position(page.cursor, collection), page.limit)
    return {
        "items": [claim_json(state) for state in found.claims],
        "next": found.next and cursors.write(collection, found.next[0].isoformat(), found.next[1]),
    }


def _position(cursor: str, collection: str) -> of_list.Position | None:
    if not cursor:
        return None
    at, claim_id = cursors.read(cursor, collection)
    return datetime.fromisoformat(at), claim_id
