"""Batches of codes."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from ninja import Router, Status
from pydantic import BaseModel, Field

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.answers import rfc3339
from promint.api.management import cursors
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.codes import CodeJson, code_json
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.management.paging import Collection, CursorCollection, CursorPage, OffsetPage
from promint.api.management.parameters import Parameters
from promint.api.openapi import BODY, errors
from promint.core import codes, lists
from promint.core.codes import CodeState, batches, read_in_bulk
from promint.core.models import Batch, Mail, PromoList
from promint.core.rules import ids, limits

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Batches"])


class NewBatch(Shape):
    """`notify`: e-mail addresses that get a mail when the batch is finished or has failed."""

    quantity: int = Field(json_schema_extra={"minimum": 1, "maximum": limits.BATCH_CODES})
    name: str = json_schema.line(limits.BATCH_NAME_CHARACTERS, least=0, default="")
    notify: list[str] = Field(default=[], json_schema_extra=json_schema.ADDRESSES)


class AlertJson(BaseModel):
    """A mail to one of the addresses in `notify`. `error`: why the mail server did not accept it
    the last time."""

    address: str
    about: Literal["finished", "failed"]
    status: Literal["pending", "sent", "refused"]
    error: str | None


Reason = Literal[
    "malformed",
    "number_too_long",
    "formatted_number",
    "no_value",
    "unlike_others",
    "duplicate_in_file",
    "code_exists",
]


class BatchJson(BaseModel):
    """`reasons`: how many rows of an upload were rejected for which reason. `account`: how its file
    was understood."""

    id: str
    list: str
    source: Literal["generated", "upload"]
    name: str
    quantity: int
    created: int
    rejected: int
    status: Literal["pending", "active", "failed"]
    error: str | None
    file_name: str | None
    reasons: dict[Reason, int]
    account: dict[str, Any] | None
    alerts: Sequence[AlertJson]
    created_at: Time
    finished_at: Time | None


def batch_json(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.public_id,
        "list": ids.public(PromoList.PREFIX, batch.list_id),
        "source": batch.source,
        "name": batch.name,
        "quantity": batch.quantity,
        "created": batch.created,
        "rejected": batch.rejected,
        "status": batch.status,
        "error": batch.error,
        "file_name": batch.file_name or None,
        "reasons": batch.reasons,
        "account": batch.account or None,
        "alerts": [_alert_json(mail) for mail in batch.mails.all()],
        "created_at": rfc3339(batch.created_at),
        "finished_at": rfc3339(batch.finished_at) if batch.finished_at else None,
    }


def _alert_json(mail: Mail) -> dict[str, Any]:
    return {
        "address": mail.address,
        "about": mail.about,
        "status": mail.status,
        "error": mail.error,
    }


@router.post(
    "/lists/{id}/batches",
    response={202: BatchJson},
    openapi_extra=errors(
        *BODY, "not_found", "list_completed", "wrong_list_type", "keyspace_too_small"
    ),
)
@once_per_key
def request_batch(
    request: ApiRequest, id: str, new: Annotated[NewBatch, JsonBody(...)]
) -> Status[Any]:
    """Request generated codes. They can be claimed once the batch is active; read the batch
    until then."""
    batch = batches.request(id, new.quantity, new.name, new.notify, request.auth.actor)
    return Status(202, batch_json(batch))


@router.get(
    "/lists/{id}/batches",
    response=Collection[BatchJson],
    openapi_extra=errors("invalid_request", "not_found"),
)
def list_batches(request: ApiRequest, id: str, page: Parameters[OffsetPage]) -> dict[str, Any]:
    """Newest first."""
    found = batches.of_list(lists.find(id).id).prefetch_related("mails")
    return page.answer(found, lambda rows: [batch_json(batch) for batch in rows])


@router.get("/batches/{id}", response=BatchJson, openapi_extra=errors("not_found"))
def read_batch(request: ApiRequest, id: str) -> dict[str, Any]:
    return batch_json(batches.find(id))


@router.post(
    "/batches/{id}/retry",
    response={202: BatchJson},
    openapi_extra=errors("not_found", "outcome_unknown"),
)
@once_per_key
def retry_batch(request: ApiRequest, id: str) -> Status[Any]:
    """A failed batch continues where it stopped. A batch that has not failed stays as it is."""
    return Status(202, batch_json(batches.retry(id, request.auth.actor)))


@router.get(
    "/batches/{id}/codes",
    response=CursorCollection[CodeJson],
    openapi_extra=errors("invalid_request", "not_found"),
)
def list_codes(request: ApiRequest, id: str, page: Parameters[CursorPage]) -> dict[str, Any]:
    """The codes in the order of their canonical form. While the batch is pending, those made so
    far."""
    batch = batches.find(id)
    collection = f"codes of {batch.public_id}"

    def next_after(last: CodeState) -> str:
        return cursors.write(collection, last.value)

    after = cursors.read(page.cursor, collection)[0] if page.cursor else ""
    found = codes.of_batch(batch, after, page.limit + 1)
    read_in_bulk.note(request.auth.actor, batch.public_id, min(len(found), page.limit))
    return page.answer(found, code_json, next_after)
