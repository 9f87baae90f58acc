"""Adds to the OpenAPI description what django-ninja does not know: the errors of operations, and
the paths that are answered outside django-ninja (claims, validations, health checks, the
description itself)."""

from typing import Any

from promint.accounts.roles import Scope
from promint.api import json_schema, languages
from promint.api.problems import CONTENT_TYPE, ERRORS
from promint.core.rules import CUSTOMER_MESSAGES, Verdict, limits

Json = dict[str, Any]

ALWAYS = ("unauthenticated", "forbidden", "internal_error", "busy")
BODY = ("invalid_request", "request_timeout", "payload_too_large", "outcome_unknown")

PROBLEM: Json = {
    "title": "Problem",
    "description": "An RFC 9457 problem document. A 4xx says that nothing happened.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "error", "retryable", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "error": {"type": "string", "enum": list(ERRORS)},
        "retryable": {"type": "boolean"},
        "request_id": {"type": "string"},
        "fields": {
            "description": "What is wrong, by the field's path in the body or the parameter.",
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
        "customer_message": {
            "description": "On refused claims: a sentence to show to the customer.",
            "type": "string",
        },
        "claim_id": {
            "description": "On already_claimed_by_customer: the claim that was made.",
            "type": "string",
        },
    },
}


def errors(*names: str, scope: str = Scope.MANAGE) -> Json:
    """What the description of an operation says besides its success: these errors and those of
    all operations. `scope`: the scope that its key needs, or several, as words."""
    return {"responses": _responses(*ALWAYS, *names, scope=scope)}


def _responses(*names: str, scope: str) -> Json:
    by_status: dict[int, list[str]] = {}
    for name in names:
        by_status.setdefault(ERRORS[name][0], []).append(name)
    return {str(status): _response(of, scope) for status, of in sorted(by_status.items())}


def _response(names: list[str], scope: str) -> Json:
    titles = [
        f"The key lacks the scope {scope}" if name == "forbidden" else ERRORS[name][1]
        for name in names
    ]
    named = {"properties": {"error": {"enum": names}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, named]}
    return {"description": "; ".join(titles), "content": {CONTENT_TYPE: {"schema": schema}}}


_ATTEMPT: Json = {
    "title": "Attempt",
    "type": "object",
    "required": ["code", "customer"],
    "additionalProperties": False,
    "properties": {
        "code": {
            "description": "As the customer typed it: case, spaces and dashes do not matter.",
            "type": "string",
            "maxLength": limits.TYPED_CODE_CHARACTERS,
        },
        "customer": {
            "description": "The shop's own id of the customer, kept as sent.",
            "type": "string",
            **json_schema.CUSTOMER,
        },
    },
}
_VALIDATION: Json = {
    "title": "Validation",
    "type": "object",
    "required": ["claimable", "error", "customer_message", "outcomes"],
    "properties": {
        "claimable": {"type": "boolean"},
        "error": {"enum": [None, *CUSTOMER_MESSAGES]},
        "customer_message": {"type": ["string", "null"]},
        "outcomes": {"anyOf": [{"$ref": "#/components/schemas/OutcomesJson"}, {"type": "null"}]},
    },
}
TAGS: list[Json] = [
    {"name": "Claiming", "description": "Needs a key with the scope `claim`."},
    *(
        {"name": name, "description": "Needs a key with the scope `manage`."}
        for name in (
            "Offers",
            "Lists",
            "Batches",
            "Uploads",
            "Handing out",
            "Codes",
            "Exports",
            "Webhooks",
        )
    ),
    {"name": "About", "description": "Needs no key."},
]
SCHEMAS = {"Problem": PROBLEM, "Attempt": _ATTEMPT, "Validation": _VALIDATION}

IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body get the same answer, with Idempotent-Replayed: true.",
    "schema": {"type": "string", "pattern": f"^[ -~]{{1,{limits.IDEMPOTENCY_KEY_CHARACTERS}}}$"},
}
ACCEPT_LANGUAGE: Json = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "The language of customer_message, one of: " + ", ".join(languages.SENTENCES),
    "schema": {"type": "string"},
}
_DOOR_ERRORS = ("invalid_request", "request_timeout", "payload_too_large", "outcome_unknown")


def elsewhere() -> Json:
    """The paths that django-ninja does not know."""
    refusals = [verdict.value for verdict in Verdict if verdict is not Verdict.CLAIMED]
    claim = _at_the_door("claim", "Claim a code for a customer", 201, "ClaimJson", *refusals)
    claim["parameters"] = [IDEMPOTENCY_KEY, ACCEPT_LANGUAGE]
    validate = _at_the_door(
        "validate", "Say whether a claim would succeed, and consume nothing", 200, "Validation"
    )
    validate["parameters"] = [IDEMPOTENCY_KEY, ACCEPT_LANGUAGE]
    return {
        "/api/v1/claims": {"post": claim},
        "/api/v1/validations": {"post": validate},
        "/api/v1/openapi.json": {"get": _open("openapi", "This description", "application/json")},
        "/api/v1/docs": {"get": _open("docs", "This description as a page", "text/html")},
        "/healthz": {"get": _health("healthz", "Whether the database answers")},
        "/readyz": {"get": _health("readyz", "Whether claims can be sent here now")},
    }


def declare_keys(paths: Json) -> None:
    """Adds the idempotency key to every POST of the management API."""
    for operations in paths.values():
        if (operation := operations.get("post")) is None:
            continue
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        _plain_reference(operation)
        reused = _response(["invalid_request", "idempotency_key_reused"], Scope.MANAGE)
        responses = operation["responses"]
        if (known := responses.get("422", responses.get(422))) is None:
            responses["422"] = reused
        else:
            known["description"] += "; " + ERRORS["idempotency_key_reused"][1]
            (content,) = known["content"].values()
            content["schema"]["allOf"][1]["properties"]["error"]["enum"].append(
                "idempotency_key_reused"
            )


def _plain_reference(operation: Json) -> None:
    """Refers to the schema of an optional body directly, because client generators do not read a
    default beside `allOf`."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if len(of := media["schema"].get("allOf", [])) == 1:
            (media["schema"],) = of


def _at_the_door(name: str, summary: str, status: int, shape: str, *refusals: str) -> Json:
    schema = {"$ref": "#/components/schemas/Attempt"}
    made = {"$ref": f"#/components/schemas/{shape}"}
    success = {"description": summary, "content": {"application/json": {"schema": made}}}
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["Claiming"],
        "security": [{"ApiKey": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            str(status): success,
            **_responses(*ALWAYS, *_DOOR_ERRORS, *refusals, scope=Scope.CLAIM),
        },
    }


def _open(name: str, summary: str, media_type: str) -> Json:
    responses = {"200": {"description": summary, "content": {media_type: {}}}}
    return {"operationId": name, "summary": summary, "tags": ["About"], "responses": responses}


def _health(name: str, summary: str) -> Json:
    operation = _open(name, summary, "text/plain")
    operation["responses"]["503"] = {"description": "No, and why", "content": {"text/plain": {}}}
    return operation
