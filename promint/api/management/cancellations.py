"""Cancelling many codes together, and undoing it."""

from typing import Annotated, Any, Literal

from ninja import Router, Status
from pydantic import BaseModel, ConfigDict, Field

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.answers import rfc3339
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import LargeJsonBody, Shape
from promint.api.management.paging import Collection, OffsetPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import BODY, errors
from promint.core.codes import cancellations, stake
from promint.core.models import Cancellation
from promint.core.rules import limits

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Codes"])

Exactness = Literal["exact", "at_least", "at_most"]
LeftBecause = Literal["claimed", "cancelled_already", "unknown", "multi_use", "other_handout"]
Codes = list[str] | None
_CODES = json_schema.codes(limits.NAMED_TO_CANCEL)


class NewCancellation(Shape):
    """One of three: the codes of a list's active batches, of one active batch, or codes by name.
    `handed_out` limits these to codes that were handed out (true), or to the others (false).
    `preview`: only say what would be cancelled. Without it, `reason` is required."""

    model_config = ConfigDict(
        json_schema_extra=json_schema.only_one_of(
            list=json_schema.ID, batch=json_schema.ID, codes=_CODES
        )
    )

    reason: str = json_schema.paragraphs(limits.REASON_CHARACTERS, default="")
    list: str | None = None
    batch: str | None = None
    codes: Codes = Field(None, json_schema_extra={"anyOf": [_CODES, {"type": "null"}]})
    handed_out: bool | None = None
    preview: bool = False


class PreviewJson(BaseModel):
    """`codes_are`: whether this number of codes is exact, a least number or a greatest number.
    `left`: how many of the codes would not be cancelled, by reason. `needs_approval`: whether
    another manager must confirm the cancellation."""

    codes: int
    codes_are: Exactness
    samples: list[str]
    points_at_stake: int
    left: dict[LeftBecause, int]
    needs_approval: bool


class UndoJson(BaseModel):
    """`available_again`: how many codes are available again. `kept`: how many stay cancelled,
    because somebody cancelled them in another way too."""

    asked_by: str
    asked_at: Time
    available_again: int
    kept: int
    undone_at: Time | None


class CancellationJson(BaseModel):
    """`status` is `waiting` until another manager confirms it, `pending` while codes are
    cancelled or made available again, then `active`. `named`: how many codes were named.
    `expected`: how many codes were to be cancelled when it was requested; `cancelled`: how many
    were; `left`: how many were not, by reason. `looked_at` of `quantity` codes have been looked
    at."""

    id: str
    status: Literal["waiting", "pending", "active", "failed", "declined"]
    list: str | None
    batch: str | None
    named: int | None
    handed_out: bool | None
    reason: str
    expected: int
    expected_is: Exactness
    looked_at: int
    quantity: int
    cancelled: int
    left: dict[LeftBecause, int]
    error: str | None
    asked_by: str
    decided_by: str | None
    created_at: Time
    finished_at: Time | None
    undo: UndoJson | None
    undo_until: Time


def _preview_json(found: stake.Preview) -> dict[str, Any]:
    return {
        "codes": found.codes,
        "codes_are": found.codes_are,
        "samples": found.samples,
        "points_at_stake": found.points,
        "left": found.left,
        "needs_approval": found.needs_approval,
    }


def _cancellation_json(one: Cancellation) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "status": one.status,
        "list": one.list and one.list.public_id,
        "batch": one.batch and one.batch.public_id,
        "named": one.quantity if one.list is None else None,
        "handed_out": one.only_handed_out,
        "reason": one.reason,
        "expected": one.expected,
        "expected_is": one.expected_is,
        "looked_at": one.looked_at,
        "quantity": one.quantity,
        "cancelled": one.cancelled,
        "left": one.left,
        "error": one.error,
        "asked_by": one.created_by,
        "decided_by": one.decided_by or None,
        "created_at": rfc3339(one.created_at),
        "finished_at": one.finished_at and rfc3339(one.finished_at),
        "undo": _undo_json(one),
        "undo_until": rfc3339(cancellations.undo_until(one)),
    }


def _undo_json(one: Cancellation) -> dict[str, Any] | None:
    if one.undo_asked_at is None:
        return None
    return {
        "asked_by": one.undo_by,
        "asked_at": rfc3339(one.undo_asked_at),
        "available_again": one.freed,
        "kept": one.kept,
        "undone_at": one.undone_at and rfc3339(one.undone_at),
    }


@router.post(
    "",
    response={200: PreviewJson, 202: CancellationJson},
    openapi_extra=errors(*BODY, "not_found", "batch_pending", "wrong_list_type"),
)
@once_per_key
def request_cancellation(
    request: ApiRequest, new: Annotated[NewCancellation, LargeJsonBody(...)]
) -> Status[Any]:
    """Cancel codes. A preview gets a 200 and changes nothing. Otherwise the answer is a 202;
    read the cancellation until it is active. Claimed codes are left as they are, and counted."""
    chosen: dict[str, Any] = {
        "list_id": new.list,
        "batch_id": new.batch,
        "typed": new.codes,
        "handed_out": new.handed_out,
    }
    if new.preview:
        return Status(200, _preview_json(cancellations.preview(**chosen)))
    asked = cancellations.request(new.reason, request.auth.actor, **chosen)
    return Status(202, _cancellation_json(asked))


@router.get("", response=Collection[CancellationJson], openapi_extra=errors("invalid_request"))
def list_cancellations(request: ApiRequest, page: Parameters[OffsetPage]) -> dict[str, Any]:
    """Newest first."""
    found = cancellations.existing()
    return page.answer(found, lambda rows: [_cancellation_json(one) for one in rows])


@router.get("/{id}", response=CancellationJson, openapi_extra=errors("not_found"))
def read_cancellation(request: ApiRequest, id: str) -> dict[str, Any]:
    return _cancellation_json(cancellations.find(id))


@router.post(
    "/{id}/undo",
    response={202: CancellationJson},
    openapi_extra=errors("not_found", "undo_expired", "outcome_unknown"),
)
@once_per_key
def undo_cancellation(request: ApiRequest, id: str) -> Status[Any]:
    """Make the codes that it cancelled available again, within 30 days. A cancellation that is
    still in progress stops; one that waits for a manager is declined."""
    return Status(202, _cancellation_json(cancellations.undo(id, request.auth.actor)))
