"""Calls the management API as a program would, in this process."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from promint.accounts.roles import Scope
from promint.api.problems import ERRORS
from tests.factories import a_key

BASE = "/api/v1"


class Api:
    """A caller with a key of these scopes; of both by default."""

    def __init__(self, *scopes: Scope, key: str | None = None) -> None:
        self._headers = {"Authorization": f"Bearer {key or a_key(*scopes)}"}
        self._client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self._client.get(BASE + path, query, headers=self._headers)

    def post(self, path: str, body: Any = None) -> HttpResponse:
        return self.send("POST", path, body)

    def patch(self, path: str, body: Any) -> HttpResponse:
        return self.send("PATCH", path, body)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        **more: Any,
    ) -> HttpResponse:
        """Send a request. `body`: bytes are sent as they are, None is empty, anything else
        becomes JSON."""
        if body is None:
            body = b""
        elif not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return self._client.generic(
            method, BASE + path, body, content_type, headers=self._headers, **more
        )

    def ok(self, response: HttpResponse, status: int = 200) -> Any:
        """The JSON of an answer, which must be a success."""
        assert response.status_code == status, response.content
        assert response.headers["Content-Type"].startswith("application/json")
        assert response.headers["Cache-Control"] == "no-store"
        return json.loads(response.content)


def problem(response: HttpResponse, error: str) -> dict[str, Any]:
    """The problem document of an answer, which must be this refusal."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    document: dict[str, Any] = json.loads(response.content)
    assert document["error"] == error, document
    status, title, retryable = ERRORS[error]
    assert response.status_code == document["status"] == status
    assert (document["title"], document["retryable"]) == (title, retryable)
    assert document["type"] == f"urn:promint:error:{error}"
    assert document["detail"].endswith(".")
    assert response.headers["X-Request-Id"] == document["request_id"]
    assert response.headers["Cache-Control"] == "no-store"
    assert ("fields" in document) == bool(document.get("fields"))
    return document


def wrong_fields(response: HttpResponse, error: str = "invalid_request") -> dict[str, str]:
    fields: dict[str, str] = problem(response, error)["fields"]
    return fields


def new_list(**more: Any) -> dict[str, Any]:
    """The body of a list that can be created. `more` adds or replaces fields."""
    return {
        "name": "Spring service recovery",
        "type": "single_use",
        "starts_at": "2026-11-01T00:00:00Z",
        "ends_at": "2026-12-01T00:00:00Z",
        "outcomes": {"points": 100},
        **more,
    }
