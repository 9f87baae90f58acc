"""Claims, read. They are made at the door."""

from typing import Any

from ninja import Router
from pydantic import BaseModel

from promint.accounts.roles import Scope
from promint.api import answers
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.openapi import errors
from promint.core import claiming
from promint.core.claiming import ClaimState

router = Router(auth=ApiKey(Scope.CLAIM), tags=["Claiming"])


class OfferName(BaseModel):
    id: str
    name: str


class OutcomesJson(BaseModel):
    """`points`: 0 when there are none."""

    points: int
    offers: list[OfferName]
    tags: list[str]


class ClaimJson(BaseModel):
    id: str
    code: str
    customer: str
    list: str
    claimed_at: Time
    outcomes: OutcomesJson


def claim_json(state: ClaimState) -> dict[str, Any]:
    claim = state.claim
    return answers.claim(claim.id, state.shown, claim.customer, state.facts, claim.claimed_at)


@router.get("/{id}", response=ClaimJson, openapi_extra=errors("not_found", scope=Scope.CLAIM))
def read_claim(request: ApiRequest, id: str) -> dict[str, Any]:
    return claim_json(claiming.find_claim(id))
