"""OpenAPI: it describes every operation, and what it describes is what happens."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import given, settings
from hypothesis.strategies import booleans
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from promint.api.problems import ERRORS
from promint.core import exports
from tests.factories import ACTOR, a_batch, a_key, a_list, an_offer, claim, shown_codes

OPERATIONS = {
    "POST /api/v1/claims",
    "POST /api/v1/validations",
    "GET /api/v1/claims/{id}",
    "POST /api/v1/claims/{id}/reversal",
    "GET /api/v1/customers/{customer}",
    "GET /api/v1/customers/{customer}/claims",
    "POST /api/v1/offers",
    "GET /api/v1/offers",
    "POST /api/v1/lists",
    "GET /api/v1/lists",
    "GET /api/v1/lists/{id}",
    "PATCH /api/v1/lists/{id}",
    "POST /api/v1/lists/{id}/batches",
    "GET /api/v1/lists/{id}/batches",
    "GET /api/v1/batches/{id}",
    "GET /api/v1/batches/{id}/codes",
    "POST /api/v1/batches/{id}/retry",
    "POST /api/v1/lists/{id}/uploads",
    "GET /api/v1/batches/{id}/rejects",
    "POST /api/v1/lists/{id}/upload-previews",
    "POST /api/v1/exports",
    "GET /api/v1/exports/{id}",
    "GET /api/v1/exports/{id}/file",
    "GET /api/v1/codes/{code}",
    "POST /api/v1/codes/{code}/cancel",
    "GET /api/v1/openapi.json",
    "GET /api/v1/docs",
    "GET /healthz",
    "GET /readyz",
}


def description() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    return found


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_is_described() -> None:
    assert set(operations()) == OPERATIONS


def test_a_body_that_may_be_left_out_is_a_plain_reference() -> None:
    body = operations()["POST /api/v1/codes/{code}/cancel"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Cancellation"}
    assert body["required"] is False


def test_no_operation_shares_its_name() -> None:
    names = [operation["operationId"] for operation in operations().values()]
    assert sorted(names) == sorted(set(names))


def test_every_operation_that_needs_a_key_says_so() -> None:
    for name, operation in operations().items():
        is_open = operation["tags"] == ["About"]
        assert ("security" in operation) is not is_open, name
        assert ({"401", "403"} <= set(operation["responses"])) is not is_open, name


def test_every_error_is_described_by_some_operation() -> None:
    named = {
        error
        for operation in operations().values()
        for response in operation["responses"].values()
        for media in response.get("content", {}).values()
        for part in media.get("schema", {}).get("allOf", [])
        for error in part.get("properties", {}).get("error", {}).get("enum", [])
    }
    assert named <= set(ERRORS)
    assert set(ERRORS) - named == {"method_not_allowed"}  # which is of no operation


def test_the_page_shows_it_with_nothing_from_elsewhere() -> None:
    response = Client().get("/api/v1/docs")
    page = response.content.decode()
    assert "/api/v1/openapi.json" in page
    assert "://" not in page
    assert not response.cookies


@pytest.fixture
def known() -> dict[str, str]:
    """An existing thing for each place in an address."""
    promo_list = a_list(offers=[an_offer().public_id], tags=["spring"])
    batch = a_batch(promo_list, 3)
    codes = shown_codes(batch)
    made = claim(codes[0], "cust-42").claim
    assert made is not None
    return {
        "/lists/{id}": promo_list.public_id,
        "/batches/{id}": batch.public_id,
        "/codes/{code}": codes[1],
        "/claims/{id}": made.id,
        "/customers/{customer}": "cust-42",
        "/exports/{id}": exports.request_batch(batch.public_id, "csv", ACTOR).public_id,
    }


OUTSIDE = {"POST /api/v1/claims", "POST /api/v1/validations", "GET /healthz", "GET /readyz"}
IN_DJANGO = sorted(OPERATIONS - OUTSIDE)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.mark.parametrize("name", IN_DJANGO)
def test_an_operation_does_as_described(name: str, known: dict[str, str]) -> None:
    method, path = name.split(" ")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    headers = {"Authorization": f"Bearer {a_key()}"}

    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(case=schema[path][method].as_strategy(), with_known=booleans())
    def does_as_described(case: Any, with_known: bool) -> None:
        if with_known and case.path_parameters:  # made-up ids are unknown ones
            (parameter,) = case.path_parameters
            (thing,) = (thing for place, thing in known.items() if place in path)
            case.path_parameters = {parameter: thing}
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    does_as_described()
