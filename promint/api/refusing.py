"""Turns what an operation raises into the problem document with which it is answered."""

import logging
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import Error, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import ValidationError

from promint.api import problems
from promint.api.problems import Problem, ProblemRaised
from promint.core.rules import Refused
from promint.core.storage import Busy, OutcomeUnknown, has_committed, said, stored_files

log = logging.getLogger(__name__)

REQUEST_ID = "promint.request_id"  # in request.META

_BUSY = Problem("busy", "Nothing was changed: the database was too busy. Send the request again.")
_NO_ROOM = Problem(
    "busy",
    "Nothing was changed: the server's disk is full. Send the request again when it has room.",
)
_OUTCOME_UNKNOWN = Problem(
    "outcome_unknown",
    "The database stopped answering while this was saved or just after it, so the change may or may"
    " not have been made. Look before you send the request again.",
)
NOT_FOUND = Problem("not_found", "There is no such address.")
INTERNAL_ERROR = Problem("internal_error", "This is an error in Promint. Its log has the reason.")

# Pydantic's names for what can be wrong with a value, and the sentences for the sender.
_SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "string_type": "Send a text.",
    "string_unicode": "This text is not valid Unicode (unpaired surrogate).",
    "int_type": "Send a whole number.",
    "list_type": "Send a list.",
    "model_type": "Send a JSON object.",
    "model_attributes_type": "Send a JSON object.",
}


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    return HttpResponse(
        problem.body(request.META[REQUEST_ID]),
        status=problem.status,
        content_type=problems.CONTENT_TYPE,
        headers=problem.headers,
    )


def answer_to(request: HttpRequest, raised: BaseException) -> HttpResponse:
    problem = problem_of(raised)
    if problem is INTERNAL_ERROR:
        log.error("%s failed.", request.META[REQUEST_ID], exc_info=raised)
    if isinstance(raised, Error):
        log.warning("%s: %s", request.META[REQUEST_ID], said(raised))
    if problem is _NO_ROOM:
        log.error("%s: %s", request.META[REQUEST_ID], raised)
    return answer(request, problem)


def problem_of(raised: BaseException) -> Problem:
    """The problem for an exception. An unexpected one is a defect, whose details are not shown."""
    match raised:
        case ProblemRaised():
            return raised.problem
        case Refused():
            return problems.of_refusal(raised)
        case ValidationError():
            return problems.invalid_request(_fields(raised.errors))
        case Busy() | OperationalError() | InterfaceError():
            return _OUTCOME_UNKNOWN if has_committed() else _BUSY
        case OutcomeUnknown():
            return _OUTCOME_UNKNOWN
        case Http404():
            return NOT_FOUND
        case SuspiciousOperation() | BadRequest():
            return problems.invalid_request(
                {"query": "Send fewer or shorter parameters and fields."}
            )
    return _NO_ROOM if stored_files.found_no_room(raised) else INTERNAL_ERROR


def _fields(errors: list[dict[str, Any]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for error in errors:
        fields.setdefault(_name(error["loc"]), _sentence(error))
    return fields


def _name(place: tuple[str | int, ...]) -> str:
    """The field's path in the body ("outcomes.points"), or the parameter's name. An item of a
    list has the name of the list."""
    source, *path = place
    if source == "body":
        path = path[1:]  # without the name of the operation's argument
    return ".".join(step for step in path if isinstance(step, str)) or str(source)


def _sentence(error: dict[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "literal_error":
        return f"Use one of these: {error['ctx']['expected']}."
    return _SENTENCES.get(error["type"]) or str(error["msg"])
