"""Problem documents (RFC 9457) for refusals, with one table of their names and statuses."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from promint.core import cause
from promint.core.rules import Refused

CONTENT_TYPE = "application/problem+json"
_SENT_ID = re.compile(rf"[A-Za-z0-9._:-]{{1,{cause.CHARACTERS}}}", re.ASCII)

# name: (status, title, whether the same request may succeed later)
ERRORS: dict[str, tuple[int, str, bool]] = {
    "unauthenticated": (401, "No valid API key", False),
    "forbidden": (403, "The API key lacks the scope", False),
    "not_found": (404, "Not found", False),
    "method_not_allowed": (405, "Method not allowed", False),
    "request_timeout": (408, "Too slow", True),
    "changed_meanwhile": (412, "Changed meanwhile", False),
    "payload_too_large": (413, "Too large", False),
    "unsupported_file": (415, "Unsupported file", False),
    "invalid_request": (422, "Invalid request", False),
    "idempotency_key_reused": (422, "Idempotency key reused", False),
    "field_locked": (422, "Field locked", False),
    "keyspace_too_small": (422, "Key space too small", False),
    "column_needed": (422, "Column needed", False),
    "sheet_needed": (422, "Sheet needed", False),
    "too_many_for_xls": (422, "Too many codes for an .xls file", False),
    "too_many_attempts": (429, "Too many attempts", True),
    "internal_error": (500, "Internal error", True),
    "busy": (503, "Busy", True),
    "outcome_unknown": (503, "Outcome unknown", True),
    "code_not_found": (404, "Code not found", False),
    "code_cancelled": (409, "Code cancelled", False),
    "already_claimed_by_customer": (409, "Already claimed by this customer", False),
    "code_already_claimed": (409, "Code already claimed", False),
    "code_not_active": (409, "Code not active", True),
    "code_expired": (409, "Code expired", False),
    "cap_reached": (409, "Cap reached", False),
    "no_codes_left": (409, "No codes left", False),
    "already_reversed": (409, "Already reversed", False),
    "undo_expired": (409, "Too late to undo", False),
    "code_exists": (409, "Code exists", False),
    "cap_below_claims": (409, "Cap below claims", False),
    "list_in_use": (409, "List in use", False),
    "list_completed": (409, "List completed", False),
    "wrong_list_type": (409, "Wrong list type", False),
    "batch_pending": (409, "Batch pending", True),
    "export_pending": (409, "Export pending", True),
}


@dataclass(frozen=True)
class Problem:
    """`error` is a name in ERRORS, `detail` a sentence that says what to do, `more` has further
    members."""

    error: str
    detail: str
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return ERRORS[self.error][0]

    def body(self, request_id: str) -> bytes:
        status, title, retryable = ERRORS[self.error]
        return msgspec.json.encode(
            {
                "type": f"urn:promint:error:{self.error}",
                "title": title,
                "status": status,
                "detail": self.detail,
                "error": self.error,
                "retryable": retryable,
                "request_id": request_id,
                **self.more,
            }
        )


class ProblemRaised(Exception):
    """Ends a request with the problem as its answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.error)
        self.problem = problem


def new_request_id() -> str:
    return "req_" + os.urandom(12).hex()


def request_id_for(sent: str) -> str:
    """The id that the caller sent as X-Request-Id, if it may stand in a log; else a new one."""
    return sent if sent and _SENT_ID.fullmatch(sent) else new_request_id()


def request_id_in(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The same, for the headers of an ASGI request."""
    return request_id_for(dict(headers).get(b"x-request-id", b"").decode("latin-1"))


def of_refusal(refused: Refused) -> Problem:
    named = {"fields": _named(refused.fields)} if refused.fields else {}
    return Problem(refused.refusal.value, refused.detail, named | refused.more)


def invalid_request(fields: dict[str, str]) -> Problem:
    """`fields`: what is wrong, by field; "body" is the body as a whole."""
    named = _named(fields)
    return Problem("invalid_request", f"Please correct: {', '.join(named)}.", {"fields": named})


def _named(fields: dict[str, str]) -> dict[str, str]:
    """The fields by name. A field that does not exist has the name with which it was sent."""
    return {printable(name): problem for name, problem in fields.items()}


def printable(text: str) -> str:
    """The text without unpaired surrogates, which no answer can hold."""
    return text.encode("utf-8", "replace").decode()
