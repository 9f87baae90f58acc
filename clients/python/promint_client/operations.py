"""Every operation that the clients have by name, as a call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from promint_client import models
from promint_client.calls import Call
from promint_client.models import (
    Batch,
    Claim,
    Code,
    Customer,
    Handout,
    Offer,
    PromoList,
    Reversal,
    Validation,
)

T = TypeVar("T")
Page = tuple[list[T], str | None]  # the items, and the cursor of the next page

PAGE = 500  # items


def claim(code: str, customer: str, language: str | None, key: str | None) -> Call[Claim]:
    sent = {"code": code, "customer": customer}
    return _post("/claims", Claim, sent, key, _in_language(language))


def validate(code: str, customer: str, language: str | None) -> Call[Validation]:
    sent = {"code": code, "customer": customer}
    return _post("/validations", Validation, sent, None, _in_language(language))


def read_claim(claim_id: str) -> Call[Claim]:
    return _get(f"/claims/{_part(claim_id)}", Claim)


def reverse(
    claim_id: str, reason: str | None, code: Literal["stays_used", "available_again"]
) -> Call[Reversal]:
    sent = {"code": code} | ({} if reason is None else {"reason": reason})
    return _post(f"/claims/{_part(claim_id)}/reversal", Reversal, sent, None)


def customer(customer: str) -> Call[Customer]:
    return _get(f"/customers/{_part(customer)}", Customer)


def claims_of(customer: str, cursor: str | None) -> Call[Page[Claim]]:
    return _page(f"/customers/{_part(customer)}/claims", Claim, cursor)


def create_offer(name: str, description: str, key: str | None) -> Call[Offer]:
    return _post("/offers", Offer, {"name": name, "description": description}, key)


def create_list(
    name: str,
    type: Literal["single_use", "multi_use", "third_party"],
    starts_at: datetime,
    ends_at: datetime,
    outcomes: Mapping[str, Any],
    more: Mapping[str, Any],
    key: str | None,
) -> Call[PromoList]:
    window = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    sent = {"name": name, "type": type, **window, "outcomes": outcomes, **more}
    return _post("/lists", PromoList, sent, key)


def read_list(list_id: str) -> Call[PromoList]:
    return _get(f"/lists/{_part(list_id)}", PromoList)


def find_lists(filters: Mapping[str, Any], offset: int) -> Call[list[PromoList]]:
    query = {"sort": "created_at", **filters, "limit": PAGE, "offset": offset}
    return Call(
        "GET",
        "/lists",
        lambda answer: [models.read(PromoList, one) for one in answer["items"]],
        query=query,
    )


def generate(
    list_id: str, quantity: int, name: str, notify: Sequence[str], key: str | None
) -> Call[Batch]:
    sent = {"quantity": quantity, "name": name, "notify": list(notify)}
    return _post(f"/lists/{_part(list_id)}/batches", Batch, sent, key)


def read_batch(batch_id: str) -> Call[Batch]:
    return _get(f"/batches/{_part(batch_id)}", Batch)


def codes_of(batch_id: str, cursor: str | None) -> Call[Page[str]]:
    return Call(
        "GET",
        f"/batches/{_part(batch_id)}/codes",
        lambda answer: ([one["code"] for one in answer["items"]], answer["next"]),
        query={"limit": PAGE, "cursor": cursor},
    )


def read_code(code: str) -> Call[Code]:
    return _get(f"/codes/{_part(code)}", Code)


def cancel_code(code: str, reason: str | None) -> Call[Code]:
    sent = {} if reason is None else {"reason": reason}
    return _post(f"/codes/{_part(code)}/cancel", Code, sent, None)


def hand_out(list_id: str, recipient: str, early: bool, key: str | None) -> Call[Handout]:
    sent = {"recipient": recipient, "early": early}
    return _post(f"/lists/{_part(list_id)}/handouts", Handout, sent, key)


def anything(method: str, path: str, body: Any, query: Mapping[str, Any], key: str | None) -> Any:
    return Call(method, path, lambda answer: answer, body=body, query=query, key=key)


def _get(path: str, shape: type[T]) -> Call[T]:
    return Call("GET", path, lambda answer: models.read(shape, answer))


def _post(
    path: str, shape: type[T], body: Any, key: str | None, headers: Mapping[str, str] | None = None
) -> Call[T]:
    def read(answer: Any) -> T:
        return models.read(shape, answer)

    return Call("POST", path, read, body, headers=headers or {}, key=key)


def _page(path: str, shape: type[T], cursor: str | None) -> Call[Page[T]]:
    return Call(
        "GET",
        path,
        lambda answer: ([models.read(shape, one) for one in answer["items"]], answer["next"]),
        query={"limit": PAGE, "cursor": cursor},
    )


def _part(text: str) -> str:
    """A part of a path. What a customer is called may have a slash in it."""
    return quote(text, safe="")


def _in_language(language: str | None) -> Mapping[str, str]:
    return {} if language is None else {"Accept-Language": language}
