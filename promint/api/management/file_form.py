"""A form with a file: which fields it may have, and how the file is to be read."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from promint.api.management import idempotency
from promint.api.management.parameters import not_utf_8
from promint.api.problems import Problem, ProblemRaised, invalid_request
from promint.core import uploads
from promint.core.rules import limits
from promint.core.uploads import Wishes

COLUMN_CHARACTERS = 200
_HOW_IT_IS_READ = {"header": ("yes", "no")}


def described(holds: str, more: dict[str, Any]) -> dict[str, Any]:
    """The request's body for OpenAPI. `holds`: what the file contains. `more`: further fields."""
    return {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": _fields(holds) | more,
                }
            }
        },
    }


def _fields(holds: str) -> dict[str, Any]:
    return {
        "file": {
            "description": "Ends in .csv, .tsv, .txt, .xls or .xlsx.",
            "type": "string",
            "format": "binary",
        },
        "column": {
            "description": f"The column of the {holds}: its header, or its number from 1."
            " Without it, the one with a known header or the only one.",
            "type": "string",
            "maxLength": COLUMN_CHARACTERS,
        },
        "sheet": {
            "description": "The name of a sheet; repeated for several.",
            "type": "array",
            "items": {"type": "string", "maxLength": COLUMN_CHARACTERS},
            "maxItems": limits.UPLOAD_SHEETS,
        },
        "header": {
            "description": "Whether the first row is a header.",
            "type": "string",
            "enum": ["yes", "no"],
        },
    }


def wishes(fields: QueryDict) -> Wishes:
    """How the file is to be read, according to the form."""
    header = fields.get("header")
    return Wishes(
        column=fields.get("column", "").strip(),
        sheets=tuple(fields.getlist("sheet")),
        header=None if header is None else header == "yes",
    )


Choices = Mapping[str, tuple[str, ...]]  # the values that a field may have, by field


@contextmanager
def read(
    request: HttpRequest,
    choices: Choices,
    once: Collection[str] = (),
    repeated: Collection[str] = (),
) -> Iterator[tuple[QueryDict, Any]]:
    """The fields of a form and its file. `choices`, `once`, `repeated`: further fields that it
    may have. Raises ProblemRaised."""
    if request.content_type != "multipart/form-data":
        problem = "Send the file in a form: Content-Type: multipart/form-data."
        raise ProblemRaised(invalid_request({"file": problem}))
    fields, files = _parsed(request)
    try:
        if request.upload_handlers[0].received > limits.UPLOAD_BYTES:  # type: ignore[attr-defined]
            raise ProblemRaised(Problem("payload_too_large", uploads.too_large()))
        known = {**_HOW_IT_IS_READ, **choices}
        if wrong := _wrong_fields(fields, files, known, [*once, "column"], [*repeated, "sheet"]):
            raise ProblemRaised(invalid_request(wrong))
        if idempotency.HEADER in request.headers:
            idempotency.note_body(request, _sent(fields, files["file"]))
        yield fields, files["file"]
    finally:
        for name in files:
            for file in files.getlist(name):
                file.close()


def _parsed(request: HttpRequest) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """The fields and files of a form. Django relies on Content-Length and sees no body that is
    sent in chunks, so such a body is read from the server's stream, which knows its end."""
    meta, stream = request.META, request
    if "chunked" in meta.get("HTTP_TRANSFER_ENCODING", ""):
        meta, stream = {**meta, "CONTENT_LENGTH": str(2**62)}, meta["wsgi.input"]
    try:
        return MultiPartParser(meta, stream, request.upload_handlers, "utf-8").parse()
    except MultiPartParserError:
        raise ProblemRaised(
            invalid_request({"body": "Send a whole multipart/form-data form."})
        ) from None
    except OSError:
        for handler in request.upload_handlers:
            handler.upload_interrupted()
        raise


def _sent(fields: QueryDict, file: Any) -> dict[str, Any]:
    """What must be equal for two forms to be the same request."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return {"fields": dict(fields.lists()), "file": [file.name, digest.hexdigest()]}


def _wrong_fields(
    fields: QueryDict,
    files: MultiValueDict[str, Any],
    choices: Choices,
    once: list[str],
    repeated: list[str],
) -> dict[str, str]:
    single = [*once, *choices]
    wrong = not_utf_8(fields)
    wrong |= {n: "There is no such field." for n in fields if n not in {*single, *repeated}}
    wrong |= {name: "There is no such field." for name in files if name != "file"}
    wrong |= {n: "Send this field once." for n in single if len(fields.getlist(n)) > 1}
    for name, allowed in choices.items():
        if fields.get(name, allowed[0]) not in allowed:
            wrong[name] = f"Use {' or '.join(allowed)}, or leave it out."
    if max(map(len, [fields.get("column", ""), *fields.getlist("sheet")])) > COLUMN_CHARACTERS:
        wrong["column"] = f"Use at most {COLUMN_CHARACTERS} characters."
    if len(files.getlist("file")) != 1:
        wrong["file"] = "Send one file, with its name."
    return wrong
