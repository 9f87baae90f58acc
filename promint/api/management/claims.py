"""Claims, read and taken back. Codes are claimed at the door (promint.api.door)."""

from typing import Annotated, Any, Literal

from ninja import Router
from pydantic import BaseModel

from promint.accounts.roles import Scope
from promint.api import answers, json_schema
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.openapi import BODY, errors
from promint.core import claiming
from promint.core.claiming import ClaimState, reversal
from promint.core.rules import limits

router = Router(tags=["Claiming"])

AfterReversal = Literal["stays_used", "available_again"]


class OfferName(BaseModel):
    id: str
    name: str


class OutcomesJson(BaseModel):
    """`points` is 0 if there are none."""

    points: int
    offers: list[OfferName]
    tags: list[str]


class ClaimJson(BaseModel):
    id: str
    code: str
    customer: str
    list: str
    claimed_at: Time
    reversed_at: Time | None
    outcomes: OutcomesJson


def claim_json(state: ClaimState) -> dict[str, Any]:
    return answers.claim_of(state)


class NewReversal(Shape):
    """`code`: whether it can be claimed again. If so, its place under the cap is free again too."""

    reason: str = json_schema.paragraphs(limits.REASON_CHARACTERS, default="")
    code: AfterReversal = "stays_used"


class ReversalJson(BaseModel):
    """`taken_back` does not include a tag that another claim of the customer gives, because that
    tag stays."""

    claim: str
    reversed_at: Time
    reason: str
    code: AfterReversal
    taken_back: OutcomesJson


@router.post(
    "/{id}/reversal",
    auth=ApiKey(Scope.MANAGE),
    response=ReversalJson,
    openapi_extra=errors(*BODY, "not_found", "already_reversed"),
)
@once_per_key
def reverse_claim(
    request: ApiRequest, id: str, new: Annotated[NewReversal, JsonBody(NewReversal())]
) -> dict[str, Any]:
    """Take a claim back. Doing it again in the same way changes nothing and gets the first
    answer."""
    found = reversal.reverse(
        id, new.reason, request.auth.actor, available_again=new.code == "available_again"
    )
    return answers.reversal(found)


@router.get(
    "/{id}",
    auth=ApiKey(Scope.CLAIM),
    response=ClaimJson,
    openapi_extra=errors("not_found", scope=Scope.CLAIM),
)
def read_claim(request: ApiRequest, id: str) -> dict[str, Any]:
    return claim_json(claiming.find_claim(id))
