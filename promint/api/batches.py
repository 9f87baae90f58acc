"""Batches of codes."""

from typing import Annotated, Any, Literal

from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from promint.accounts.roles import Scope
from promint.api import cursors
from promint.api.access import ApiKey, ApiRequest
from promint.api.answers import rfc3339
from promint.api.codes import CodeJson, code_json
from promint.api.fields import Time, limited
from promint.api.json_body import JsonBody, Shape
from promint.api.openapi import BODY, errors
from promint.api.paging import Collection, CursorCollection, CursorPage, OffsetPage
from promint.core import batches, codes, ids, limits, lists
from promint.core.codes import CodeState
from promint.core.models import Batch, PromoList

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Batches"])


class NewBatch(Shape):
    """`notify`: e-mail addresses that are told when it is finished, or failed."""

    quantity: int = Field(json_schema_extra={"minimum": 1, "maximum": limits.BATCH_CODES})
    name: str = limited(limits.BATCH_NAME_CHARACTERS, least=0, default="")
    notify: list[str] = Field(default=[], json_schema_extra={"maxItems": limits.NOTIFY_ADDRESSES})


class BatchJson(BaseModel):
    id: str
    list: str
    source: Literal["generated", "upload"]
    name: str
    quantity: int
    created: int
    rejected: int
    status: Literal["pending", "active", "failed"]
    error: str | None
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
        "created_at": rfc3339(batch.created_at),
        "finished_at": rfc3339(batch.finished_at) if batch.finished_at else None,
    }


@router.post(
    "/lists/{id}/batches",
    response={202: BatchJson},
    openapi_extra=errors(
        *BODY, "not_found", "list_completed", "wrong_list_type", "keyspace_too_small"
    ),
)
def request_batch(
    request: ApiRequest, id: str, new: Annotated[NewBatch, JsonBody(...)]
) -> Status[Any]:
    """Its codes can be claimed once it is active: read it until then."""
    batch = batches.request(id, new.quantity, new.name, new.notify, request.auth.actor)
    return Status(202, batch_json(batch))


@router.get(
    "/lists/{id}/batches",
    response=Collection[BatchJson],
    openapi_extra=errors("invalid_request", "not_found"),
)
def list_batches(request: ApiRequest, id: str, page: Query[OffsetPage]) -> dict[str, Any]:
    """Newest first."""
    found = batches.of_list(lists.find(id).id)
    return page.of(found, lambda rows: [batch_json(batch) for batch in rows])


@router.get("/batches/{id}", response=BatchJson, openapi_extra=errors("not_found"))
def read_batch(request: ApiRequest, id: str) -> dict[str, Any]:
    return batch_json(batches.find(id))


@router.get(
    "/batches/{id}/codes",
    response=CursorCollection[CodeJson],
    openapi_extra=errors("invalid_request", "not_found"),
)
def list_codes(request: ApiRequest, id: str, page: Query[CursorPage]) -> dict[str, Any]:
    """In the order of their canonical form. While the batch is pending, those made so far."""
    batch = batches.find(id)
    collection = f"codes of {batch.public_id}"

    def next_after(last: CodeState) -> str:
        return cursors.write(collection, last.value)

    after = cursors.read(page.cursor, collection)[0] if page.cursor else ""
    return page.of(codes.of_batch(batch, after, page.limit + 1), code_json, next_after)
