"""Codes that are handed out to people."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from ninja import Router, Status
from pydantic import BaseModel, Field

from promint.accounts.roles import Scope
from promint.api import answers, json_schema
from promint.api.management import cursors
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.management.paging import CursorCollection, CursorPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import BODY, errors
from promint.core import lists
from promint.core.codes import HandoutState, handouts

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Handing out"])

Before = tuple[datetime, str] | None


class NewHandout(Shape):
    """`early`: also before the list starts, when the code cannot be claimed yet."""

    recipient: str = Field(json_schema_extra=json_schema.CUSTOMER)
    early: bool = False


class HandoutJson(BaseModel):
    """`ends_at`: when the code ends, if that is before its list ends. `claimed_at`: when it was
    claimed; null if no claim stands."""

    id: str
    list: str
    recipient: str
    code: str
    handed_out_at: Time
    ends_at: Time | None
    claimed_at: Time | None


def handouts_page(
    page: CursorPage, collection: str, read: Callable[[Before, int], list[HandoutState]]
) -> dict[str, Any]:
    """A page of handouts. `read` returns up to a number of handouts before a (time, canonical
    code)."""

    def next_after(last: HandoutState) -> str:
        handout = last.handout
        return cursors.write(collection, handout.handed_out_at.isoformat(), handout.code)

    before = None
    if page.cursor:
        at, code = cursors.read(page.cursor, collection)
        before = datetime.fromisoformat(at), code
    return page.answer(read(before, page.limit + 1), answers.handout, next_after)


@router.post(
    "/lists/{id}/handouts",
    auth=ApiKey(Scope.CLAIM, Scope.MANAGE),
    response={200: HandoutJson, 201: HandoutJson},
    openapi_extra=errors(
        *BODY,
        "not_found",
        "no_codes_left",
        "list_completed",
        "code_not_active",
        "wrong_list_type",
        scope="claim or manage",
    ),
)
@once_per_key
def hand_out(
    request: ApiRequest, id: str, new: Annotated[NewHandout, JsonBody(...)]
) -> Status[Any]:
    """Hand out a code to a person: 201. Whoever has as many as the list allows gets the latest
    again: 200."""
    state, is_new = handouts.hand_out(id, new.recipient, request.auth.actor, early=new.early)
    return Status(201 if is_new else 200, answers.handout(state))


@router.get(
    "/lists/{id}/handouts",
    response=CursorCollection[HandoutJson],
    openapi_extra=errors("invalid_request", "not_found"),
)
def list_handouts(request: ApiRequest, id: str, page: Parameters[CursorPage]) -> dict[str, Any]:
    """Newest first."""
    promo_list = lists.find(id)
    collection = f"handouts of {promo_list.public_id}"
    return handouts_page(page, collection, partial(handouts.of_list, promo_list.id))
