"""Codes that are handed out to everyone in a file."""

from contextlib import AbstractContextManager
from typing import Any, Literal

from django.http import QueryDict, StreamingHttpResponse
from ninja import Router, Status
from pydantic import BaseModel

from promint.accounts.roles import Scope
from promint.api.answers import rfc3339
from promint.api.management import file_form, idempotency
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.management.paging import Collection, OffsetPage
from promint.api.management.parameters import Parameters
from promint.api.management.uploads import csv_file
from promint.api.openapi import BODY, errors
from promint.core import bulk_handouts, lists
from promint.core.models import BulkHandout

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Handing out"])

_CHOICES = {"early": ("yes", "no")}
_FORM = file_form.described(
    "recipients",
    {
        "early": {
            "description": "Whether codes are handed out before the list starts.",
            "type": "string",
            "enum": ["yes", "no"],
        }
    },
)
_REFUSED = errors(
    *BODY,
    "not_found",
    "list_completed",
    "code_not_active",
    "wrong_list_type",
    "unsupported_file",
    "column_needed",
    "sheet_needed",
)
_KEPT = errors("not_found", "export_pending", "outcome_unknown")["responses"]
_CSV = {
    "responses": {200: {"description": "The file", "content": {"text/csv": {}}}, **_KEPT},
}


class BulkHandoutJson(BaseModel):
    """`quantity` is the number of rows, 0 until the file is read. `handed_out` of them have a
    code so far; `rejected` got none, for the `reasons`. The files are deleted at `expires_at`."""

    id: str
    list: str
    status: Literal["pending", "active", "failed"]
    early: bool
    file_name: str
    quantity: int
    handed_out: int
    rejected: int
    reasons: dict[str, int]
    account: dict[str, Any]
    error: str | None
    created_at: Time
    finished_at: Time | None
    expires_at: Time | None


def _bulk_json(bulk: BulkHandout) -> dict[str, Any]:
    expires_at = bulk_handouts.expires_at(bulk)
    return {
        "id": bulk.public_id,
        "list": bulk.list.public_id,
        "status": bulk.status,
        "early": bulk.early,
        "file_name": bulk.file_name,
        "quantity": bulk.quantity,
        "handed_out": bulk.handed_out,
        "rejected": bulk.rejected,
        "reasons": bulk.reasons,
        "account": bulk.account,
        "error": bulk.error,
        "created_at": rfc3339(bulk.created_at),
        "finished_at": rfc3339(bulk.finished_at) if bulk.finished_at else None,
        "expires_at": rfc3339(expires_at) if expires_at else None,
    }


@router.post(
    "/lists/{id}/handouts/bulk",
    response={202: BulkHandoutJson},
    openapi_extra={**_REFUSED, "requestBody": _FORM},
)
def hand_out_in_bulk(request: ApiRequest, id: str) -> Any:
    """Hand out a code to everyone in the file. A recipient who has a code from this list already
    gets it again."""
    with _form(request) as (fields, file):
        return idempotency.answer(
            request,
            lambda: bulk_handouts.understood(
                id,
                file.name or "",
                file.chunks(),
                fields.get("early") == "yes",
                file_form.wishes(fields),
            ),
            lambda wanted: Status(
                202, _bulk_json(bulk_handouts.enter(id, wanted, request.auth.actor))
            ),
        )


def _form(request: ApiRequest) -> AbstractContextManager[tuple[QueryDict, Any]]:
    return file_form.read(request, _CHOICES)


@router.get(
    "/lists/{id}/handouts/bulk",
    response=Collection[BulkHandoutJson],
    openapi_extra=errors("invalid_request", "not_found"),
)
def list_bulk_handouts(
    request: ApiRequest, id: str, page: Parameters[OffsetPage]
) -> dict[str, Any]:
    """Newest first."""
    found = bulk_handouts.of_list(lists.find(id).id)
    return page.answer(found, lambda rows: [_bulk_json(row) for row in rows])


@router.get("/bulk-handouts/{id}", response=BulkHandoutJson, openapi_extra=errors("not_found"))
def read_bulk_handout(request: ApiRequest, id: str) -> dict[str, Any]:
    return _bulk_json(bulk_handouts.find(id))


@router.get("/bulk-handouts/{id}/file", openapi_extra=_CSV)
def download_bulk_handout(request: ApiRequest, id: str) -> StreamingHttpResponse:
    """A CSV with recipient and code, in the order of the file. It is kept for 24 hours."""
    told = bulk_handouts.download(id, request.auth.actor)
    return csv_file(told, bulk_handouts.file_name(bulk_handouts.find(id)))


@router.get("/bulk-handouts/{id}/rejects", openapi_extra=_CSV)
def read_bulk_handout_rejects(request: ApiRequest, id: str) -> StreamingHttpResponse:
    """A CSV with row, value and reason of the rows that got no code. It is kept for 24 hours."""
    told = bulk_handouts.download_rejects(id, request.auth.actor)
    return csv_file(told, f"rows-without-a-code-{id}.csv")
