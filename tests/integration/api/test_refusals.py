"""What all operations have in common: keys, unknown paths, methods, bodies, errors, the log."""

import json
import logging
import re
import time
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from promint.accounts import keys
from promint.accounts.models import ApiKey
from promint.accounts.roles import Scope
from promint.api.problems import ERRORS, of_refusal
from promint.core.models import Offer
from promint.core.rules.limits import JSON_BODY_BYTES
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import Refusal, Verdict
from promint.core.storage.transactions import Busy, OutcomeUnknown
from tests.api import BASE, Api, problem
from tests.factories import ACTOR, a_key

CLAIM_PATHS = ["/claims/x", "/customers/x", "/customers/x/claims"]
MANAGE_PATHS = ["/offers", "/lists", "/lists/x", "/lists/x/batches", "/batches/x", "/codes/x"]


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer é", "bearer " + "x" * 9000],
)
def test_without_a_valid_key_nothing_is_answered(header: str) -> None:
    for path in CLAIM_PATHS + MANAGE_PATHS:
        headers = {"Authorization": header} if header else {}
        response = Client().get(BASE + path, headers=headers)
        problem(response, "unauthenticated")
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_the_key_is_looked_at_before_the_body() -> None:
    response = Client().post(f"{BASE}/lists", b"{", content_type="application/json")
    problem(response, "unauthenticated")


def test_a_key_does_what_its_scopes_say() -> None:
    claim, manage = Api(Scope.CLAIM), Api(Scope.MANAGE)
    for path in CLAIM_PATHS:
        problem(manage.get(path), "forbidden")
        assert claim.get(path).status_code != 403
    for path in MANAGE_PATHS:
        problem(claim.get(path), "forbidden")
        assert manage.get(path).status_code != 403


def test_a_revoked_key_is_refused_within_a_second() -> None:
    api = Api()
    api.ok(api.get("/offers"))
    keys.revoke(ApiKey.objects.get().public_id, ACTOR)
    time.sleep(1)
    problem(api.get("/offers"), "unauthenticated")


@pytest.mark.parametrize(
    "path", ["", "/", "/nope", "/lists/", "/lists/x/y", "/codes", "/codes/", "/customers/", "/é%00"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_is_not_found(api: Api, path: str, method: str) -> None:
    problem(api.send(method, path), "not_found")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2/lists", "/api/v1/../v1"])
def test_an_address_beside_the_api_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/lists", {"GET", "POST"}),
        ("PUT", "/lists/x", {"GET", "PATCH", "DELETE"}),
        ("POST", "/codes/x", {"GET"}),
        ("GET", "/codes/x/cancel", {"POST"}),
        ("PATCH", "/customers/a/b", {"GET"}),
        ("DELETE", "/batches/x/codes", {"GET"}),
        ("BREW", "/offers", {"GET", "POST"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    api: Api, method: str, path: str, allowed: set[str]
) -> None:
    response = api.send(method, path)
    problem(response, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "", "text/plain"]
)
def test_json_is_read_whatever_its_content_type(api: Api, kind: str) -> None:
    api.ok(api.send("POST", "/offers", {"name": "Tea"}, kind), 201)


def offer_of(size: int) -> bytes:
    """A correct body of this many bytes."""
    body = json.dumps({"name": "Tea"}).encode()
    return body + b" " * (size - len(body))


def test_a_body_may_have_64_kib_and_no_byte_more(api: Api) -> None:
    api.ok(api.send("POST", "/offers", offer_of(JSON_BODY_BYTES)), 201)
    problem(api.send("POST", "/offers", offer_of(JSON_BODY_BYTES + 1)), "payload_too_large")
    problem(api.send("POST", "/offers", offer_of(3_000_000)), "payload_too_large")
    assert Offer.objects.count() == 1


def test_no_request_has_a_session_or_needs_a_token(api: Api) -> None:
    client = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {a_key()}"}
    body = {"name": "Tea"}
    response = client.post(f"{BASE}/offers", body, content_type="application/json", headers=headers)
    assert response.status_code == 201
    assert not response.cookies
    assert "Vary" not in response.headers


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_of_the_core_has_its_status_and_name(refusal: Refusal) -> None:
    document = json.loads(of_refusal(Refused(refusal, "No.", {"f": "No."})).body("req_1"))
    assert document["error"] == refusal.value
    assert 400 <= document["status"] == ERRORS[refusal][0] < 500
    assert document["fields"] == {"f": "No."}


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.CLAIMED])
def test_every_verdict_has_its_status(verdict: Verdict) -> None:
    assert 400 <= ERRORS[verdict][0] < 500


def test_a_4xx_is_never_called_unexpected_and_a_5xx_may_be_retried() -> None:
    for name, (status, title, retryable) in ERRORS.items():
        assert re.fullmatch("[a-z_]+", name)
        assert title
        assert status in (401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 503)
        assert retryable or status < 500


def failing(error: Exception) -> AbstractContextManager[None]:
    """Every query to the database fails with this error."""

    def fail(*_: Any) -> None:
        raise error

    return connection.execute_wrapper(fail)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (Busy(), "busy"),
        (OperationalError("the server closed the connection"), "busy"),
        (OutcomeUnknown(), "outcome_unknown"),
        (DatabaseError("no such column: CANARY"), "internal_error"),
        (ZeroDivisionError("CANARY"), "internal_error"),
    ],
)
def test_an_error_of_the_database_is_answered_with_a_problem(
    api: Api, error: Exception, name: str
) -> None:
    with failing(error):
        document = problem(api.get("/offers"), name)
    assert document["retryable"]
    assert "CANARY" not in json.dumps(document)


LINE = re.compile(r"[A-Z]+ (/\S*|-) \d{3} \d+\.\d ms req_[0-9a-f]{24}")


def test_the_log_has_a_line_for_each_request_with_its_route(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "promint.requests")
    response = api.get("/codes/SECRET-CODE-1", limit="SECRET")
    (line,) = (r.getMessage() for r in caplog.records if r.name == "promint.requests")
    assert LINE.fullmatch(line)
    assert line.startswith("GET /api/v1/codes/<code> 404 ")
    assert line.endswith(response.headers["X-Request-Id"])
    assert "SECRET" not in line


def test_a_defect_is_logged_under_the_id_that_was_answered(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with failing(DatabaseError("Key (value)=(CANARY) already exists.")):
        document = problem(api.get("/offers"), "internal_error")
    (record,) = (r for r in caplog.records if r.levelno == logging.ERROR)
    assert record.getMessage() == f"{document['request_id']} failed."
    assert record.exc_info
