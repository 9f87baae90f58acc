"""Single codes: read and cancelled. No other URLs contain a code."""

from typing import Annotated, Any, Literal

from ninja import Router
from pydantic import BaseModel

from promint.accounts.roles import Scope
from promint.api import json_schema, paths
from promint.api.answers import rfc3339
from promint.api.management.access import ApiKey, ApiRequest
from promint.api.management.claims import ClaimJson, claim_json
from promint.api.management.fields import Time
from promint.api.management.idempotency import once_per_key
from promint.api.management.json_body import JsonBody, Shape
from promint.api.openapi import BODY, errors
from promint.core import codes
from promint.core.claiming import ClaimState
from promint.core.codes import CodeState
from promint.core.rules import limits, not_found

router = Router(auth=ApiKey(Scope.MANAGE), tags=["Codes"])


class Cancellation(Shape):
    reason: str = json_schema.paragraphs(limits.REASON_CHARACTERS, default="")


class CodeHandoutJson(BaseModel):
    recipient: str
    handed_out_at: Time


class CodeJson(BaseModel):
    """A multi use code is always available; its list's status says whether it can be claimed."""

    code: str
    list: str
    type: Literal["single_use", "multi_use", "third_party"]
    batch: str | None
    status: Literal["available", "claimed", "cancelled"]
    claim: ClaimJson | None
    handed_out: CodeHandoutJson | None
    claim_count: int
    entry_cap: int | None


def code_json(state: CodeState) -> dict[str, Any]:
    claim = state.claim and ClaimState(state.claim, state.facts, state.shown)
    return {
        "code": state.shown,
        "list": state.facts.public_id,
        "type": state.facts.type,
        "batch": state.batch and state.batch.public_id,
        "status": state.status,
        "claim": claim and claim_json(claim),
        "handed_out": state.handout
        and {
            "recipient": state.handout.recipient,
            "handed_out_at": rfc3339(state.handout.handed_out_at),
        },
        "claim_count": state.claim_count,
        "entry_cap": state.entry_cap,
    }


def _typed(sent: str) -> str:
    """The code in a path, as somebody typed it. Raises Refused if the text cannot be a code."""
    typed = paths.decoded(sent)
    if typed is None or len(typed) > limits.TYPED_CODE_CHARACTERS:
        raise not_found("code")
    return typed


@router.get("/{code}", response=CodeJson, openapi_extra=errors("not_found"))
def read_code(request: ApiRequest, code: str) -> dict[str, Any]:
    """`code` as typed: case, spaces and dashes do not matter."""
    return code_json(codes.find(_typed(code)))


@router.post(
    "/{code}/cancel",
    response=CodeJson,
    openapi_extra=errors(*BODY, "not_found", "code_already_claimed", "wrong_list_type"),
)
@once_per_key
def cancel_code(
    request: ApiRequest,
    code: str,
    cancellation: Annotated[Cancellation, JsonBody(Cancellation())],
) -> dict[str, Any]:
    """Cancel a code. Cancelling it again changes nothing."""
    return code_json(codes.cancel(_typed(code), cancellation.reason, request.auth.actor))
