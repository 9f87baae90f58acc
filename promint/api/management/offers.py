"""Offers."""

from typing import Annotated, Any

from ninja import Query, Router, Status
from pydantic import BaseModel

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.answers import rfc3339
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.management.paging import Collection, OffsetPage
from promint.api.openapi import BODY, errors
from promint.core.lists import offers
from promint.core.models import Offer
from promint.core.rules import limits

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Offers"])


class NewOffer(Shape):
    name: str = json_schema.line(limits.NAME_CHARACTERS)
    description: str = json_schema.paragraphs(limits.OFFER_DESCRIPTION_CHARACTERS, default="")


class OfferJson(BaseModel):
    id: str
    name: str
    description: str
    created_at: Time


def offer_json(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.public_id,
        "name": offer.name,
        "description": offer.description,
        "created_at": rfc3339(offer.created_at),
    }


@router.post("", response={201: OfferJson}, openapi_extra=errors(*BODY))
@once_per_key
def create_offer(request: ApiRequest, new: Annotated[NewOffer, JsonBody(...)]) -> Status[Any]:
    return Status(201, offer_json(offers.create(new.name, new.description, request.auth.actor)))


@router.get("", response=Collection[OfferJson], openapi_extra=errors("invalid_request"))
def list_offers(request: ApiRequest, page: Query[OffsetPage]) -> dict[str, Any]:
    """The offers, sorted by name."""
    return page.answer(offers.search(), lambda found: [offer_json(offer) for offer in found])
