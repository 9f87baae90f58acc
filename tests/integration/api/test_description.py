"""OpenAPI describes every operation, and the operations do what it describes."""

import re
from functools import cache
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import assume, given, settings
from hypothesis.strategies import booleans
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from promint.accounts.roles import Scope
from promint.api.management import management
from promint.api.problems import ERRORS
from promint.core import exports
from promint.core.codes import cancellations
from promint.core.events import endpoints
from promint.core.models import GuessingCustomer, KeptAnswer
from promint.core.rules import ListType
from tests.api import Api, new_list, wrong_fields
from tests.bulk import in_bulk
from tests.factories import ACTOR, a_batch, a_key, a_list, an_offer, claim, shown_codes
from tests.servers import Server

pytestmark = pytest.mark.same_on_both

WEBHOOK = {"url": "https://shop.example/hooks", "events": ["claim.created"]}
OPERATIONS = {
    "POST /api/v1/claims",
    "POST /api/v1/validations",
    "GET /api/v1/claims/{id}",
    "POST /api/v1/claims/{id}/reversal",
    "GET /api/v1/customers/{customer}",
    "GET /api/v1/customers/{customer}/claims",
    "POST /api/v1/offers",
    "GET /api/v1/offers",
    "GET /api/v1/offers/{id}",
    "PATCH /api/v1/offers/{id}",
    "POST /api/v1/lists",
    "GET /api/v1/lists",
    "GET /api/v1/lists/{id}",
    "PATCH /api/v1/lists/{id}",
    "DELETE /api/v1/lists/{id}",
    "POST /api/v1/lists/{id}/archive",
    "POST /api/v1/lists/{id}/unarchive",
    "PUT /api/v1/lists/{id}/customer-messages",
    "POST /api/v1/lists/{id}/handouts",
    "GET /api/v1/lists/{id}/handouts",
    "GET /api/v1/customers/{customer}/handouts",
    "POST /api/v1/lists/{id}/handouts/bulk",
    "GET /api/v1/lists/{id}/handouts/bulk",
    "GET /api/v1/bulk-handouts/{id}",
    "GET /api/v1/bulk-handouts/{id}/file",
    "GET /api/v1/bulk-handouts/{id}/rejects",
    "POST /api/v1/lists/{id}/batches",
    "GET /api/v1/lists/{id}/batches",
    "GET /api/v1/batches/{id}",
    "GET /api/v1/lists/{id}/codes",
    "GET /api/v1/lists/{id}/claims",
    "GET /api/v1/batches/{id}/codes",
    "POST /api/v1/batches/{id}/retry",
    "POST /api/v1/lists/{id}/uploads",
    "GET /api/v1/batches/{id}/rejects",
    "POST /api/v1/lists/{id}/upload-previews",
    "POST /api/v1/exports",
    "POST /api/v1/prints",
    "GET /api/v1/exports/{id}",
    "GET /api/v1/exports/{id}/file",
    "GET /api/v1/codes/{code}",
    "POST /api/v1/codes/{code}/cancel",
    "POST /api/v1/cancellations",
    "GET /api/v1/cancellations",
    "GET /api/v1/cancellations/{id}",
    "POST /api/v1/cancellations/{id}/undo",
    "POST /api/v1/webhooks",
    "GET /api/v1/webhooks",
    "GET /api/v1/webhooks/{id}",
    "PATCH /api/v1/webhooks/{id}",
    "DELETE /api/v1/webhooks/{id}",
    "POST /api/v1/webhooks/{id}/secret",
    "POST /api/v1/webhooks/{id}/test",
    "GET /api/v1/webhooks/{id}/deliveries",
    "POST /api/v1/webhooks/{id}/deliveries/{delivery}/resend",
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


def test_the_description_is_the_same_each_time() -> None:
    assert description() == description()


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
    assert set(ERRORS) - named == {"method_not_allowed"}  # it belongs to no operation


def test_it_is_made_once_since_anybody_may_ask_for_it() -> None:
    assert management.get_openapi_schema() is management.get_openapi_schema()


def test_the_page_shows_it_with_nothing_from_elsewhere() -> None:
    response = Client().get("/api/v1/docs")
    page = response.content.decode()
    assert "/api/v1/openapi.json" in page
    assert "://" not in page
    assert not response.cookies


@pytest.fixture
def known(name: str) -> dict[str, str]:
    """An existing thing for each parameter of the operation's path."""
    offer = an_offer().public_id
    promo_list = a_list(offers=[offer], tags=["spring"])
    batch = a_batch(promo_list, 3)
    codes = shown_codes(batch)
    made = claim(codes[0], "cust-42").claim
    assert made is not None
    webhook, _ = endpoints.create("https://shop.example/", ["claim.created"], ACTOR)
    delivery = endpoints.send_test(webhook.public_id, ACTOR)
    cancelled = cancellations.request("leaked", ACTOR, typed=codes[2:])
    things = {
        "/offers/{id}": offer,
        "/lists/{id}": promo_list.public_id,
        "/batches/{id}": batch.public_id,
        "/codes/{code}": codes[1],
        "/claims/{id}": made.id,
        "/customers/{customer}": "cust-42",
        "/webhooks/{id}": webhook.public_id,
        "/deliveries/{delivery}": delivery.public_id,
        "/cancellations/{id}": cancelled.public_id,
        "/exports/{id}": exports.request_batch(batch.public_id, "csv", ACTOR).public_id,
    }
    if "/bulk-handouts/{id}" in name:  # it takes longer than all the others
        things["/bulk-handouts/{id}"] = in_bulk(promo_list, ["cust-1"]).public_id
    return {place.partition("{")[2][:-1]: thing for place, thing in things.items() if place in name}


AT_THE_DOOR = ["POST /api/v1/claims", "POST /api/v1/validations"]
IN_DJANGO = sorted(OPERATIONS - {*AT_THE_DOOR, "GET /healthz", "GET /readyz"})
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# What these operations refuse although the description allows it, because no schema can say it.
BEYOND_A_SCHEMA = {
    "GET /api/v1/lists/{id}/codes": "a cursor is what the page before it gave, a batch exists",
    "GET /api/v1/lists/{id}/claims": "a cursor is what the page before it gave",
    "POST /api/v1/exports": "claims are exported of a list, and not limited",
    "GET /api/v1/batches/{id}/codes": "a cursor is what the page before it gave",
    "GET /api/v1/customers/{customer}/handouts": "a cursor is what the page before it gave",
    "GET /api/v1/lists/{id}/handouts": "a cursor is what the page before it gave",
    "GET /api/v1/customers/{customer}/claims": "a cursor is what the page before it gave",
    "POST /api/v1/lists": "the end is after the start, offers and zones exist, a code has at least"
    " 3 characters in its canonical form",
    "PATCH /api/v1/lists/{id}": "the end is after the start",
    "POST /api/v1/cancellations": "a reason is needed unless it is a preview",
    "POST /api/v1/prints": "which characters can be printed, what has parts, what is Letter",
    "POST /api/v1/webhooks": "which addresses are public",
    "PATCH /api/v1/webhooks/{id}": "which addresses are public",
    "GET /api/v1/webhooks/{id}/deliveries": "a cursor is what the page before it gave",
    "POST /api/v1/lists/{id}/uploads": "what is inside a file, also columns and sheets",
    "POST /api/v1/lists/{id}/handouts/bulk": "what is inside a file, also columns and sheets",
    "POST /api/v1/lists/{id}/upload-previews": "what is inside a file, also columns and sheets",
}
SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, database=None)


@cache
def described_operations() -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


def described_operation(name: str) -> Any:
    method, path = name.split(" ")
    return described_operations()[path][method]


def checks_of(name: str) -> list[Any]:
    return CHECKS if name in BEYOND_A_SCHEMA else [*CHECKS, positive_data_acceptance]


def as_key_holder() -> dict[str, str]:
    return {"Authorization": f"Bearer {a_key(Scope.CLAIM, Scope.MANAGE)}"}


@pytest.mark.parametrize("name", IN_DJANGO)
def test_an_operation_does_as_described(name: str, known: dict[str, str]) -> None:
    headers = as_key_holder()

    @SETTINGS
    @given(case=described_operation(name).as_strategy(), with_known=booleans())
    def does_as_described(case: Any, with_known: bool) -> None:
        if with_known and case.path_parameters:  # invented ids are unknown
            case.path_parameters = dict(known)
        KeptAnswer.objects.all().delete()  # a key may come twice
        case.validate_response(case.call(headers=headers), checks=checks_of(name))

    does_as_described()


@pytest.mark.parametrize("name", AT_THE_DOOR)
def test_the_door_does_as_described(name: str, web: Server) -> None:
    headers = {"Authorization": f"Bearer {web.claim_key}"}
    method, path = name.split(" ")
    operation = schemathesis.openapi.from_dict(description())[path][method]

    @SETTINGS
    @given(case=operation.as_strategy())
    def does_as_described(case: Any) -> None:
        KeptAnswer.objects.all().delete()
        GuessingCustomer.objects.all().delete()  # invented codes are guesses
        answer = case.call(base_url=web.url, headers=headers)
        case.validate_response(answer, checks=checks_of(name))

    does_as_described()


def test_a_described_list_is_taken_if_what_no_schema_can_say_is_right() -> None:
    headers, offer, numbers = as_key_holder(), an_offer().public_id, count(1)
    operation = described_operation("POST /api/v1/lists")

    @SETTINGS
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def is_taken(case: Any) -> None:
        KeptAnswer.objects.all().delete()
        case.body |= {"starts_at": "2026-11-01T00:00:00Z", "ends_at": "2026-12-01T00:00:00+01:00"}
        case.body["timezone"] = "Europe/Paris"
        if case.body["outcomes"].get("offers"):
            case.body["outcomes"]["offers"] = [offer]
        if case.body["type"] == "multi_use":
            case.body["code"] = f"Spring {next(numbers)}"
        assert case.call(headers=headers).status_code == 201, case.body

    is_taken()


def test_a_described_upload_is_taken_if_its_file_is_right() -> None:
    headers, list_id, numbers = as_key_holder(), a_list(ListType.THIRD_PARTY).public_id, count(1)
    operation = described_operation("POST /api/v1/lists/{id}/uploads")

    @settings(SETTINGS, max_examples=10)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def is_taken(case: Any) -> None:
        sent = {name: case.body[name] for name in ("name", "notify", "unlike") if name in case.body}
        assume(max(sent.get("name", ""), default="") <= "\uffff")  # engines differ on others
        file = SimpleUploadedFile("codes.csv", f"code\nCINEMA{next(numbers)}".encode())
        answer = Client().post(
            f"/api/v1/lists/{list_id}/uploads", {"file": file, **sent}, headers=headers
        )
        assert answer.status_code == 202, (sent, answer.content)

    is_taken()


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "HTTP://shop.example:8080/hooks?shop=1&x=%20",
        "https://shop.example?to=a@b",
        "https://[2606:4700::1111]/hooks",
    ],
)
def test_an_address_of_a_webhook_is_taken_as_described(url: str) -> None:
    assert re.search(described_url()["pattern"], url)
    assert Api(Scope.MANAGE).post("/webhooks", WEBHOOK | {"url": url}).status_code == 201


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https://:8080/",
        "https:///hooks",
        "https://me:secret@shop.example/",
        "https://shop.example/#hooks",
        "https://shop.example/the hooks",
        "ftp://shop.example/",
        "shop.example/hooks",
    ],
)
def test_what_is_described_as_no_address_of_a_webhook_is_refused(url: str) -> None:
    assert not re.search(described_url()["pattern"], url)
    assert "url" in wrong_fields(Api(Scope.MANAGE).post("/webhooks", WEBHOOK | {"url": url}))


def described_url() -> dict[str, Any]:
    shape: dict[str, Any] = description()["components"]["schemas"]["NewWebhook"]
    return shape["properties"]["url"]


def test_a_whole_number_may_be_written_with_a_fraction_of_zero() -> None:
    api = Api(Scope.MANAGE)
    made = api.post("/lists", new_list(entry_cap=298.0) | {"type": "single_use"})
    assert made.json()["entry_cap"] == 298
    assert "entry_cap" in wrong_fields(api.post("/lists", new_list(entry_cap=298.5)))
