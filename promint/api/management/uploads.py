"""Uploads of codes that were made elsewhere, and their rejected rows."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from ninja import Router, Status
from pydantic import BaseModel

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.management import idempotency
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.batches import BatchJson, batch_json
from promint.api.openapi import BODY, errors
from promint.api.problems import Problem, ProblemRaised, invalid_request
from promint.core import uploads
from promint.core.codes import batches
from promint.core.rules import limits
from promint.core.uploads import Wishes

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Uploads"])

CSV = "text/csv; charset=utf-8"
COLUMN_CHARACTERS = 200
_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {
                        "description": "Ends in .csv, .tsv, .txt, .xls or .xlsx.",
                        "type": "string",
                        "format": "binary",
                    },
                    "column": {
                        "description": "The column of the codes: its header, or its number from 1."
                        " Without it, the one with a known header or the only one is taken.",
                        "type": "string",
                        "maxLength": COLUMN_CHARACTERS,
                    },
                    "sheet": {
                        "description": "The name of a sheet; repeated for several.",
                        "type": "array",
                        "items": {"type": "string", "maxLength": COLUMN_CHARACTERS},
                        "maxItems": limits.UPLOAD_SHEETS,
                    },
                    "header": {
                        "description": "Whether the first row is a header.",
                        "type": "string",
                        "enum": ["yes", "no"],
                    },
                    "unlike": {
                        "description": "Take codes without a digit that are unlike all others.",
                        "type": "string",
                        "enum": ["take"],
                    },
                    "name": {
                        "type": "string",
                        **json_schema.line_schema(limits.BATCH_NAME_CHARACTERS, least=0),
                    },
                    "notify": {
                        "description": "Repeated for each address.",
                        **json_schema.ADDRESSES,
                    },
                },
            }
        }
    },
}


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


def _wishes(fields: QueryDict) -> Wishes:
    header = fields.get("header")
    return Wishes(
        column=fields.get("column", "").strip(),
        sheets=tuple(fields.getlist("sheet")),
        header=None if header is None else header == "yes",
        unlike="unlike" in fields,
    )


@contextmanager
def _form(request: HttpRequest) -> Iterator[tuple[QueryDict, Any]]:
    if request.content_type != "multipart/form-data":
        problem = "Send the file in a form: Content-Type: multipart/form-data."
        raise ProblemRaised(invalid_request({"file": problem}))
    fields, files = _parsed(request)
    try:
        if request.upload_handlers[0].received > limits.UPLOAD_BYTES:  # type: ignore[attr-defined]
            raise ProblemRaised(Problem("payload_too_large", uploads.too_large()))
        if wrong := _wrong_fields(fields, files):
            raise ProblemRaised(invalid_request(wrong))
        if idempotency.HEADER in request.headers:
            idempotency.note_body(request, _sent(fields, files["file"]))
        yield fields, files["file"]
    finally:
        for name in files:
            for file in files.getlist(name):
                file.close()


def _parsed(request: HttpRequest) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """The fields and files of a form. Django relies on Content-Length and sees no body that is
    sent in chunks, so such a body is read from the server's stream, which knows its end."""
    meta, stream = request.META, request
    if "chunked" in meta.get("HTTP_TRANSFER_ENCODING", ""):
        meta, stream = {**meta, "CONTENT_LENGTH": str(2**62)}, meta["wsgi.input"]
    try:
        return MultiPartParser(meta, stream, request.upload_handlers, "utf-8").parse()
    except MultiPartParserError:
        raise ProblemRaised(
            invalid_request({"body": "Send a whole multipart/form-data form."})
        ) from None


def _sent(fields: QueryDict, file: Any) -> dict[str, Any]:
    """What must be equal for two forms to be the same request."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return {"fields": dict(fields.lists()), "file": [file.name, digest.hexdigest()]}


_FIELDS = ("name", "notify", "column", "sheet", "header", "unlike")


def _wrong_fields(fields: QueryDict, files: MultiValueDict[str, Any]) -> dict[str, str]:
    wrong = {name: "There is no such field." for name in fields if name not in _FIELDS}
    wrong |= {name: "There is no such field." for name in files if name != "file"}
    for name in ("name", "column", "header", "unlike"):
        if len(fields.getlist(name)) > 1:
            wrong[name] = "Send this field once."
    if fields.get("header", "yes") not in ("yes", "no"):
        wrong["header"] = "Use yes or no."
    if fields.get("unlike", "take") != "take":
        wrong["unlike"] = "Use take, or leave it out."
    if max(map(len, [fields.get("column", ""), *fields.getlist("sheet")])) > COLUMN_CHARACTERS:
        wrong["column"] = f"Use at most {COLUMN_CHARACTERS} characters."
    if len(files.getlist("file")) != 1:
        wrong["file"] = "Send one file, with its name."
    return wrong


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
    return StreamingHttpResponse(uploads.rejects(batch), content_type=CSV)
