"""Uploads of codes made elsewhere, and the rows of them that were rejected."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from ninja import Router, Status

from promint.accounts.roles import Scope
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.batches import BatchJson, batch_json
from promint.api.openapi import BODY, errors
from promint.api.problems import Problem, ProblemRaised, invalid_request
from promint.core import uploads
from promint.core.codes import batches
from promint.core.rules import limits

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Uploads"])

CSV = "text/csv; charset=utf-8"
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
                        "description": "Ends in .csv, .tsv, .txt, .xls or .xlsx. The codes stand in"
                        " the first column, under the header “code” or none.",
                        "type": "string",
                        "format": "binary",
                    },
                    "name": {"type": "string", "maxLength": limits.BATCH_NAME_CHARACTERS},
                    "notify": {
                        "description": "Repeated for each address.",
                        "type": "array",
                        "items": {"type": "string"},
                        "maxItems": limits.NOTIFY_ADDRESSES,
                    },
                },
            }
        }
    },
}


@router.post(
    "/lists/{id}/uploads",
    response={202: BatchJson},
    openapi_extra={
        **errors(*BODY, "not_found", "list_completed", "wrong_list_type", "unsupported_file"),
        "requestBody": _FORM,
    },
)
def upload_codes(request: ApiRequest, id: str) -> Status[Any]:
    """A batch whose codes can be claimed once it is active. Good rows become codes, the others are
    reported."""
    with _form(request) as (fields, file):
        batch = uploads.request(
            id,
            file.name or "",
            file.chunks(),
            fields.get("name", ""),
            fields.getlist("notify"),
            request.auth.actor,
        )
    return Status(202, batch_json(batch))


@contextmanager
def _form(request: HttpRequest) -> Iterator[tuple[QueryDict, Any]]:
    if request.content_type != "multipart/form-data":
        problem = "Send the file in a form: Content-Type: multipart/form-data."
        raise ProblemRaised(invalid_request({"file": problem}))
    fields, files = _parsed(request)
    try:
        if request.upload_handlers[0].received > limits.UPLOAD_BYTES:  # type: ignore[attr-defined]
            detail = f"A file may have at most {limits.UPLOAD_BYTES >> 20} MB."
            raise ProblemRaised(Problem("payload_too_large", detail))
        if wrong := _wrong_fields(fields, files):
            raise ProblemRaised(invalid_request(wrong))
        yield fields, files["file"]
    finally:
        for name in files:
            for file in files.getlist(name):
                file.close()


def _parsed(request: HttpRequest) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """Django believes Content-Length and sees no body that is sent in chunks: those are read from
    the server's stream, which knows where they end."""
    meta, stream = request.META, request
    if "chunked" in meta.get("HTTP_TRANSFER_ENCODING", ""):
        meta, stream = {**meta, "CONTENT_LENGTH": str(2**62)}, meta["wsgi.input"]
    try:
        return MultiPartParser(meta, stream, request.upload_handlers, "utf-8").parse()
    except MultiPartParserError:
        raise ProblemRaised(
            invalid_request({"body": "Send a whole multipart/form-data form."})
        ) from None


def _wrong_fields(fields: QueryDict, files: MultiValueDict[str, Any]) -> dict[str, str]:
    wrong = {name: "There is no such field." for name in fields if name not in ("name", "notify")}
    wrong |= {name: "There is no such field." for name in files if name != "file"}
    if len(fields.getlist("name")) > 1:
        wrong["name"] = "Send one name."
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
    """A CSV of row, value and reason, in the order of the file. A workbook with several sheets has
    a fourth column, sheet."""
    found = uploads.rejects(batches.find(id))
    return StreamingHttpResponse(found, content_type=CSV)
