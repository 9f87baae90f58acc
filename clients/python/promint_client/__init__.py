"""Claims and manages Promint's promo codes. Start with `Client`, or with `AsyncClient`."""

from promint_client import webhooks
from promint_client.asynchronous import AsyncClient
from promint_client.errors import NotAnswered, PromintError, Refused
from promint_client.models import (
    Batch,
    Claim,
    Code,
    Customer,
    Handout,
    IssuedOffer,
    Offer,
    Outcomes,
    PromoList,
    Reversal,
    Validation,
)
from promint_client.sync import Client

__all__ = [
    "AsyncClient",
    "Batch",
    "Claim",
    "Client",
    "Code",
    "Customer",
    "Handout",
    "IssuedOffer",
    "NotAnswered",
    "Offer",
    "Outcomes",
    "PromintError",
    "PromoList",
    "Refused",
    "Reversal",
    "Validation",
    "webhooks",
]
