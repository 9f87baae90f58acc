"""JSON bodies: read up to their limit and parsed strictly, without conversions between types."""

import json
from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.params.models import Body, BodyModel
from pydantic import BaseModel, ConfigDict

from promint.api.management.idempotency import note_body
from promint.api.problems import Problem, ProblemRaised, invalid_request
from promint.core.rules import limits

_EXACT = 2**53  # every whole number below it is exact as a float


class Shape(BaseModel):
    """A JSON object in a body: no undeclared fields and no conversions."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _JsonBodyModel(BodyModel):
    MOST: ClassVar[int] = limits.JSON_BODY_BYTES
    __read_from_single_attr__: str

    @classmethod
    def get_request_data(
        cls, request: HttpRequest, api: NinjaAPI, path_params: dict[str, Any]
    ) -> dict[str, Any]:
        body = _read(request, cls.MOST)
        if not body and not cls.model_fields[cls.__read_from_single_attr__].is_required():
            return {}
        sent = _parse(body)
        if request.method == "POST":
            note_body(request, sent)
        return {cls.__read_from_single_attr__: sent}


class JsonBody(Body):  # type: ignore[misc]
    """Marks the argument of an operation that is its body."""

    _model = _JsonBodyModel

    @classmethod
    def _param_source(cls) -> str:
        return "body"


class _LargeJsonBodyModel(_JsonBodyModel):
    MOST: ClassVar[int] = limits.NAMED_TO_CANCEL_BYTES


class LargeJsonBody(JsonBody):  # type: ignore[misc]
    """The same for a body that names thousands of codes."""

    _model = _LargeJsonBodyModel


def _read(request: HttpRequest, most: int) -> bytes:
    """The body. Django sees no body without a length. A body that still comes in chunks
    (promint.server.bodies) is too large, but only the server's stream knows that."""
    announced = request.META.get("CONTENT_LENGTH")
    body = b""
    if announced and int(announced) <= most:
        body = request.read()
    elif "HTTP_TRANSFER_ENCODING" in request.META:
        body = request.META["wsgi.input"].read(most + 1)
    if len(body) > most or int(announced or 0) > most:
        detail = f"A JSON body has at most {most:,} bytes."
        raise ProblemRaised(Problem("payload_too_large", detail))
    return bytes(body)


def _parse(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
        return json.loads(
            text,
            parse_float=_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        raise ProblemRaised(invalid_request({"body": "Send a JSON object in UTF-8."})) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object. Raises ProblemRaised if a field is named twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = {name: "Send this field once." for name in found if names.count(name) > 1}
        raise ProblemRaised(invalid_request(twice))
    return found


def _number(text: str) -> float | int:
    """The number. JSON has one kind of number: 298.0 and 298e0 are the whole number 298."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON
