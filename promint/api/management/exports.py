"""Exports: the codes of a batch or a list, or its claims, as a file."""

from typing import Annotated, Any, Literal

from django.http import FileResponse
from ninja import Router, Status
from pydantic import BaseModel, ConfigDict

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.answers import rfc3339
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.openapi import BODY, errors
from promint.api.problems import ProblemRaised, invalid_request
from promint.core import exports
from promint.core.models import Export

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Exports"])

Format = Literal["xls", "xlsx", "csv"]
What = Literal["codes", "claims"]
AnyFormat = Literal["xls", "xlsx", "csv", "pdf"]
CodeStatus = Literal["available", "claimed", "cancelled"]
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class NewExport(Shape):
    """The codes of either a batch or a whole list, or the claims of a list. `status` and
    `handed_out` limit an export of codes to those for which this is so when it is requested."""

    model_config = ConfigDict(
        json_schema_extra=json_schema.only_one_of(batch=json_schema.ID, list=json_schema.ID)
    )

    batch: str | None = None
    list: str | None = None
    what: What = "codes"
    format: Format
    status: CodeStatus | None = None
    handed_out: bool | None = None


class OnlyJson(BaseModel):
    """The codes to which an export is limited; null means that it is not limited."""

    status: CodeStatus | None
    handed_out: bool | None


class ExportJson(BaseModel):
    """`rows` of `quantity` rows are written. Until an export that is limited by `only` is
    active, `quantity` is the most there can be. The file is deleted at `expires_at`."""

    id: str
    list: str
    batch: str | None
    what: What
    format: AnyFormat
    only: OnlyJson
    status: Literal["pending", "active", "failed"]
    rows: int
    quantity: int
    error: str | None
    created_at: Time
    finished_at: Time | None
    expires_at: Time | None


def export_json(export: Export) -> dict[str, Any]:
    expires_at = exports.expires_at(export)
    return {
        "id": export.public_id,
        "list": export.list.public_id,
        "batch": export.batch.public_id if export.batch else None,
        "what": export.what,
        "format": export.format,
        "only": {"status": export.only_status, "handed_out": export.only_handed_out},
        "status": export.status,
        "rows": export.rows,
        "quantity": export.quantity,
        "error": export.error,
        "created_at": rfc3339(export.created_at),
        "finished_at": rfc3339(export.finished_at) if export.finished_at else None,
        "expires_at": rfc3339(expires_at) if expires_at else None,
    }


@router.post(
    "",
    response={202: ExportJson},
    openapi_extra=errors(*BODY, "not_found", "batch_pending", "too_many_for_xls"),
)
@once_per_key
def request_export(request: ApiRequest, new: Annotated[NewExport, JsonBody(...)]) -> Status[Any]:
    """Request a file of the codes or of the claims as they are now. It can be downloaded once the
    export is active."""
    actor, only = request.auth.actor, exports.Only(new.status, new.handed_out)
    if new.what == exports.CLAIMS:
        return Status(202, export_json(_claims(new, actor)))
    if new.batch is not None and new.list is None:
        return Status(202, export_json(exports.request_batch(new.batch, new.format, actor, only)))
    if new.list is not None and new.batch is None:
        return Status(202, export_json(exports.request_list(new.list, new.format, actor, only)))
    raise ProblemRaised(invalid_request({"batch": "Send either a batch or a list."}))


def _claims(new: NewExport, actor: str) -> Export:
    limited = {"batch": new.batch, "status": new.status, "handed_out": new.handed_out}
    wrong = {
        name: "This limits exports of codes. Leave it out."
        for name, value in limited.items()
        if value is not None
    }
    if new.list is None:
        wrong["list"] = "Send the list whose claims are exported."
    if wrong:
        raise ProblemRaised(invalid_request(wrong))
    return exports.request_claims(new.list or "", new.format, actor)


@router.get("/{id}", response=ExportJson, openapi_extra=errors("not_found"))
def read_export(request: ApiRequest, id: str) -> dict[str, Any]:
    return export_json(exports.find(id))


@router.get(
    "/{id}/file",
    openapi_extra={
        "responses": {
            200: {
                "description": "The file",
                "content": {kind: {} for kind in MEDIA_TYPES.values()},
            },
            **errors("not_found", "export_pending", "outcome_unknown")["responses"],
        }
    },
)
def download_export(request: ApiRequest, id: str) -> FileResponse:
    """The file. It is kept for 24 hours."""
    file = exports.download(id, request.auth.actor)
    export = exports.find(id)
    response = FileResponse(
        file,
        as_attachment=True,
        filename=exports.file_name(export),
        content_type=MEDIA_TYPES[export.format],
    )
    response.block_size = 256 * 1024  # bytes
    return response
