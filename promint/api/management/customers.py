"""Customers: what was issued to them, and their claims."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from ninja import Path, Router
from pydantic import AfterValidator, BaseModel, Field

from promint.accounts.roles import Scope
from promint.api import answers, json_schema, paths
from promint.api.management import cursors
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.claims import ClaimJson, claim_json
from promint.api.management.fields import Time
from promint.api.management.handouts import HandoutJson, handouts_page
from promint.api.management.paging import CursorCollection, CursorPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import errors
from promint.core import customers
from promint.core.claiming import ClaimState
from promint.core.codes import handouts
from promint.core.customers import Profile
from promint.core.models import Offer
from promint.core.rules import checks, ids

router = Router(auth=ApiKey(Scope.CLAIM), tags=["Claiming"])

_REFUSED = errors("invalid_request", scope=Scope.CLAIM)


def _customer(sent: str) -> str:
    customer = paths.decoded(sent)
    problem = "Use UTF-8." if customer is None else checks.customer(customer)
    if problem is not None:
        raise ValueError(problem)
    return customer or ""


Customer = Annotated[str, AfterValidator(_customer), Field(json_schema_extra=json_schema.CUSTOMER)]


class IssuedOfferJson(BaseModel):
    id: str
    name: str
    issued_at: Time


class CustomerJson(BaseModel):
    customer: str
    points: int
    offers: list[IssuedOfferJson]
    tags: list[str]
    claim_count: int


def _profile_json(profile: Profile) -> dict[str, Any]:
    return {
        "customer": profile.customer,
        "points": profile.points,
        "offers": [
            {
                "id": ids.public(Offer.PREFIX, issued.offer.id),
                "name": issued.name,
                "issued_at": answers.rfc3339(issued.issued_at),
            }
            for issued in profile.offers
        ],
        "tags": profile.tags,
        "claim_count": profile.claim_count,
    }


# These two stand before the profile, whose route matches any path because "/" in an id may be sent
# unencoded.
@router.get("/{path:customer}/claims", response=CursorCollection[ClaimJson], openapi_extra=_REFUSED)
def list_claims(
    request: ApiRequest, customer: Path[Customer], page: Parameters[CursorPage]
) -> dict[str, Any]:
    """Newest first."""
    collection = f"claims of {customer}"

    def next_after(last: ClaimState) -> str:
        return cursors.write(collection, last.claim.claimed_at.isoformat(), last.claim.code_id)

    before = None
    if page.cursor:
        at, code = cursors.read(page.cursor, collection)
        before = datetime.fromisoformat(at), code
    found = customers.claims_of(customer, before, page.limit + 1)
    return page.answer(found, claim_json, next_after)


@router.get(
    "/{path:customer}/handouts",
    response=CursorCollection[HandoutJson],
    openapi_extra=_REFUSED,
)
def list_handouts_of_customer(
    request: ApiRequest, customer: Path[Customer], page: Parameters[CursorPage]
) -> dict[str, Any]:
    """The codes that were handed out to the customer, newest first."""
    return handouts_page(page, f"handouts to {customer}", partial(handouts.of_recipient, customer))


@router.get("/{path:customer}", response=CustomerJson, openapi_extra=_REFUSED)
def read_customer(request: ApiRequest, customer: Path[Customer]) -> dict[str, Any]:
    """The profile of any id: a customer who never claimed has nothing."""
    return _profile_json(customers.profile(customer))
