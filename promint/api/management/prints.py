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

Codes = list[str] | None
_CODES = json_schema.codes(limits.CHOSEN_TO_PRINT)


class NewPrint(Shape):
    """One of three: the available codes of a list or of a batch that are not handed out, or
    chosen codes of one list. `copies`: of the code of a multi use list. `part`: which 50,000 codes
    of a list or batch that has more, from 1."""

    model_config = ConfigDict(
        json_schema_extra=json_schema.only_one_of(
            list=json_schema.ID, batch=json_schema.ID, codes=_CODES
        )
    )

    list: str | None = None
    batch: str | None = None
    codes: Codes = Field(None, json_schema_extra={"anyOf": [_CODES, {"type": "null"}]})
    layout: Literal["page", "cards", "labels_24", "labels_65", "labels_30", "labels_80"] = "cards"
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
