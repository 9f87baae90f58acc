"""Printed sheets of codes. Each is an export of format pdf, and is read and downloaded as one."""

from typing import Annotated, Any, Literal

from ninja import Router, Status
from pydantic import ConfigDict, Field

from promint.accounts.roles import Scope
from promint.api import json_schema
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.exports import ExportJson, export_json
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.openapi import BODY, errors
from promint.core import exports
from promint.core.rules import invalid, limits

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Exports"])

_CHOICES = ("list", "batch", "codes")
Codes = list[str] | None
_CODES: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string", "maxLength": limits.TYPED_CODE_CHARACTERS},
    "minItems": 1,
    "maxItems": limits.CHOSEN_TO_PRINT,
}


def _only(sent: str) -> dict[str, Any]:
    """The JSON Schema of a body that has one of the three choices and not the others."""
    others = {name: {"type": "null"} for name in _CHOICES if name != sent}
    own = {"type": "array" if sent == "codes" else "string"}
    return {"required": [sent], "properties": {sent: own, **others}}


class NewPrint(Shape):
    """One of three: the available codes of a list or of a batch that are not handed out, or
    chosen codes of one list. `copies`: of the code of a multi use list. `part`: which 10,000 codes
    of a list or batch that has more, from 1."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_only(name) for name in _CHOICES]})

    list: str | None = None
    batch: str | None = None
    codes: Codes = Field(None, json_schema_extra={"anyOf": [_CODES, {"type": "null"}]})
    layout: Literal["page", "cards", "labels_24", "labels_65"] = "cards"
    paper: Literal["A4", "Letter"] = "A4"
    heading: str = json_schema.line(limits.HEADING_CHARACTERS, least=0, default="")
    copies: int = Field(
        default=1, json_schema_extra={"minimum": 1, "maximum": limits.PRINTED_COPIES}
    )
    part: int | None = Field(default=None, json_schema_extra={"minimum": 1})


@router.post(
    "", response={202: ExportJson}, openapi_extra=errors(*BODY, "not_found", "batch_pending")
)
@once_per_key
def request_print(request: ApiRequest, new: Annotated[NewPrint, JsonBody(...)]) -> Status[Any]:
    """Request sheets of codes as PDF. Read and download them as an export, by the id in the
    answer."""
    wanted = exports.Wanted(new.layout, new.paper, new.heading, new.copies, new.part)
    if [new.list, new.batch, new.codes].count(None) != 2:
        raise invalid({"list": "Send one of these: list, batch, codes."})
    actor = request.auth.actor
    if new.codes is not None:
        return Status(202, export_json(exports.print_codes(new.codes, wanted, actor)))
    if new.batch is not None:
        return Status(202, export_json(exports.print_batch(new.batch, wanted, actor)))
    return Status(202, export_json(exports.print_list(new.list or "", wanted, actor)))
