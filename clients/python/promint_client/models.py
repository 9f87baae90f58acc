"""What Promint answers. Fields that this version does not know are left out."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Offer:
    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class IssuedOffer:
    id: str
    name: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Outcomes:
    points: int
    offers: list[Offer]
    tags: list[str]


@dataclass(frozen=True, slots=True)
class Claim:
    id: str
    code: str
    customer: str
    list: str
    claimed_at: datetime
    outcomes: Outcomes
    reversed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    claimable: bool
    error: str | None
    customer_message: str | None
    outcomes: Outcomes | None


@dataclass(frozen=True, slots=True)
class Customer:
    customer: str
    points: int
    offers: list[IssuedOffer]
    tags: list[str]
    claim_count: int


@dataclass(frozen=True, slots=True)
class PromoList:
    id: str
    name: str
    type: str
    status: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    entry_cap: int | None
    claim_count: int
    code_count: int
    code: str | None
    outcomes: Outcomes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    id: str
    list: str
    source: str
    name: str
    quantity: int | None
    created: int
    rejected: int
    status: str
    error: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Code:
    code: str
    list: str
    type: str
    batch: str | None
    status: str
    claim: Claim | None
    claim_count: int
    entry_cap: int | None


@dataclass(frozen=True, slots=True)
class Handout:
    id: str
    list: str
    recipient: str
    code: str
    handed_out_at: datetime
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reversal:
    claim: str
    reversed_at: datetime
    reason: str | None
    code: str
    taken_back: Outcomes


def read(shape: type[T], answer: Any) -> T:
    """The answer as one of the shapes above."""
    found: T = _as(shape, answer)
    return found


def _as(shape: Any, value: Any) -> Any:
    if value is None or shape is Any:
        return value
    if isinstance(shape, types.UnionType):  # … | None
        return _as(get_args(shape)[0], value)
    if get_origin(shape) is list:
        (inner,) = get_args(shape)
        return [_as(inner, one) for one in value]
    if shape is datetime:
        return datetime.fromisoformat(value)
    return _made(shape, value) if is_dataclass(shape) else value


def _made(shape: Any, value: Mapping[str, Any]) -> Any:
    hints = _hints(shape)
    names = [one.name for one in fields(shape) if one.name in value]
    return shape(**{name: _as(hints[name], value[name]) for name in names})


@cache
def _hints(shape: Any) -> dict[str, Any]:
    # A field is named `list`, which hides the type from the names of its class.
    return get_type_hints(shape, localns={"list": list})
