"""Offers."""

from typing import Annotated, Any

from ninja import Router, Status
from pydantic import BaseModel, Field

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.answers import rfc3339
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.management.paging import Collection, OffsetPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import BODY, errors
from promint.core.lists import offers
from promint.core.models import Offer
from promint.core.rules import limits

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Offers"])


class NewOffer(Shape):
    name: str = json_schema.line(limits.NAME_CHARACTERS)
    description: str = json_schema.paragraphs(limits.OFFER_DESCRIPTION_CHARACTERS, default="")


class OfferChanges(Shape):
    """Fields that are sent are changed. The defaults are never used."""

    name: str = json_schema.line(limits.NAME_CHARACTERS, default_factory=str)
    description: str = json_schema.paragraphs(
        limits.OFFER_DESCRIPTION_CHARACTERS, default_factory=str
    )
    retired: bool = Field(default_factory=bool)


class OfferJson(BaseModel):
    """`retired`: new lists cannot issue it. Lists that have it still do."""

    id: str
    name: str
    description: str
    retired: bool
    created_at: Time


def offer_json(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.public_id,
        "name": offer.name,
        "description": offer.description,
        "retired": offer.retired_at is not None,
        "created_at": rfc3339(offer.created_at),
    }


@router.post("", response={201: OfferJson}, openapi_extra=errors(*BODY))
@once_per_key
def create_offer(request: ApiRequest, new: Annotated[NewOffer, JsonBody(...)]) -> Status[Any]:
    return Status(201, offer_json(offers.create(new.name, new.description, request.auth.actor)))


@router.get("", response=Collection[OfferJson], openapi_extra=errors("invalid_request"))
def list_offers(request: ApiRequest, page: Parameters[OffsetPage]) -> dict[str, Any]:
    """The offers, sorted by name."""
    return page.answer(offers.search(), lambda found: [offer_json(offer) for offer in found])


@router.get("/{id}", response=OfferJson, openapi_extra=errors("not_found"))
def read_offer(request: ApiRequest, id: str) -> dict[str, Any]:
    return offer_json(offers.find(id))


@router.patch("/{id}", response=OfferJson, openapi_extra=errors(*BODY, "not_found"))
def change_offer(
    request: ApiRequest, id: str, changes: Annotated[OfferChanges, JsonBody(...)]
) -> dict[str, Any]:
    """Rename, describe or retire an offer, or bring it back. What was issued keeps the name that
    the offer had then."""
    sent = changes.model_dump(exclude_unset=True)
    return offer_json(offers.change(id, sent, request.auth.actor))
