"""Uploads of codes that were made elsewhere, and their rejected rows."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Literal

from django.http import QueryDict, StreamingHttpResponse
from ninja import Router, Status
from pydantic import BaseModel

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.management import file_form, idempotency
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.batches import BatchJson, batch_json
from promint.api.openapi import BODY, errors
from promint.core import uploads
from promint.core.codes import batches
from promint.core.rules import limits
from promint.core.uploads import Wishes

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Uploads"])

CSV = "text/csv; charset=utf-8"
_CHOICES = {"unlike": ("take",)}
_FORM = file_form.described(
    "codes",
    {
        "unlike": {
            "description": "Take codes without a digit that are unlike all others.",
            "type": "string",
            "enum": ["take"],
        },
        "name": {
            "type": "string",
            **json_schema.line_schema(limits.BATCH_NAME_CHARACTERS, least=0),
        },
        "notify": {"description": "Repeated for each address.", **json_schema.ADDRESSES},
    },
)
_REFUSED = errors(
    *BODY,
    "not_found",
    "list_completed",
    "wrong_list_type",
    "unsupported_file",
    "column_needed",
    "sheet_needed",
)


@router.post(
    "/lists/{id}/uploads",
    response={202: BatchJson},
    openapi_extra={**_REFUSED, "requestBody": _FORM},
)
def upload_codes(request: ApiRequest, id: str) -> Any:
    """Make a batch of a file. Good rows become codes, which can be claimed once the batch is
    active. The other rows are reported."""
    with _form(request) as (fields, file):
        return idempotency.answer(
            request,
            lambda: uploads.understood(
                id,
                file.name or "",
                file.chunks(),
                fields.get("name", ""),
                fields.getlist("notify"),
                _wishes(fields),
            ),
            lambda wanted: Status(202, batch_json(uploads.enter(id, wanted, request.auth.actor))),
        )


class RowJson(BaseModel):
    """A row as it would be read: either its `code`, or the `reason` why it would be rejected."""

    sheet: str | None
    row: int
    value: str
    code: str | None
    reason: str | None


class PreviewJson(BaseModel):
    """`account`: how the file was understood, and what its first 1,000 rows are. `rows`: the
    first twenty rows. `choices`: columns or sheets, if a person must choose."""

    account: dict[str, Any]
    rows: list[RowJson]
    needed: Literal["column_needed", "sheet_needed"] | None
    choices: list[dict[str, Any]]


@router.post(
    "/lists/{id}/upload-previews",
    response={200: PreviewJson},
    openapi_extra={
        **errors(*BODY, "not_found", "wrong_list_type", "unsupported_file"),
        "requestBody": _FORM,
    },
)
def preview_upload(request: ApiRequest, id: str) -> Any:
    """Say how a file would be read. Nothing of it is kept."""
    with _form(request) as (fields, file):
        return idempotency.answer(
            request,
            lambda: uploads.preview(id, file.name or "", file.chunks(), _wishes(fields)),
            _preview_json,
        )


def _preview_json(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "account": found["account"],
        "rows": found.get("rows", []),
        "needed": found.get("needed"),
        "choices": found.get("choices", []),
    }


def _form(request: ApiRequest) -> AbstractContextManager[tuple[QueryDict, Any]]:
    return file_form.read(request, _CHOICES, once=("name",), repeated=("notify",))


def _wishes(fields: QueryDict) -> Wishes:
    return replace(file_form.wishes(fields), unlike="unlike" in fields)


@router.get(
    "/batches/{id}/rejects",
    openapi_extra={
        "responses": {
            200: {"description": "Rejected rows", "content": {"text/csv": {}}},
            **errors("not_found")["responses"],
        }
    },
)
def read_rejects(request: ApiRequest, id: str) -> StreamingHttpResponse:
    """A CSV with row, value and reason, in the order of the file. If a workbook has several
    sheets, the first column is the sheet."""
    batch = batches.find(id)
    uploads.note_download(batch, request.auth.actor)
    return csv_file(uploads.rejects(batch), f"rejected-rows-{batch.public_id}.csv")


def csv_file(rows: Iterable[str], name: str) -> StreamingHttpResponse:
    """A CSV that browsers and other clients save under this name."""
    return StreamingHttpResponse(
        rows, content_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
