"""The checks of promint.core.rules as JSON Schema, as far as patterns can say them.

Engines differ about characters beyond the first 65,536, so rare invisible characters there are left
to the checks.
"""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import groupby
from typing import Any

from pydantic import Field

from promint.core.rules import checks, limits

Json = dict[str, Any]

_SURROGATES = range(0xD800, 0xE000)  # halves of characters, which no text in UTF-8 has
_BREAKS = "\t\n\r"
_CONTROL = r"\u0000-\u001f\u007f-\u009f"
_HTTP_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[^:/?#@\s][^/?#@\s]*([/?][^#\s]*)?$"
CUSTOMER: Json = {
    "minLength": 1,
    "maxLength": limits.CUSTOMER_CHARACTERS,
    "pattern": f"^[^{_CONTROL}]*$",
}
ADDRESSES: Json = {
    "type": "array",
    "items": {"type": "string", "format": "idn-email", "maxLength": limits.ADDRESS_CHARACTERS},
    "maxItems": limits.NOTIFY_ADDRESSES,
}
ID: Json = {"type": "string"}


def codes(most: int) -> Json:
    """Codes by name, as people type them."""
    code = {"type": "string", "maxLength": limits.TYPED_CODE_CHARACTERS}
    return {"type": "array", "items": code, "minItems": 1, "maxItems": most}


def only_one_of(**choices: Json) -> Json:
    """A body that has one of these fields and not the others."""
    return {"oneOf": [_only(name, choices) for name in choices]}


def _only(sent: str, choices: Json) -> Json:
    others = {name: {"type": "null"} for name in choices if name != sent}
    return {"required": [sent], "properties": {sent: choices[sent], **others}}


def line(most: int, least: int = 1, **more: Any) -> Any:
    """A text field of one line. The verbs of core check it as well."""
    return Field(json_schema_extra=described(line_schema, most, least), **more)


def paragraphs(most: int, **more: Any) -> Any:
    """A text field that may have line breaks."""
    return Field(json_schema_extra=described(paragraphs_schema, most), **more)


def uri(most: int, **more: Any) -> Any:
    """An absolute http(s) URL with a host, without name, password or fragment."""
    return Field(
        json_schema_extra={"format": "uri", "maxLength": most, "pattern": _HTTP_ADDRESS}, **more
    )


def described(schema: Callable[..., Json], *arguments: int) -> Callable[[Json], None]:
    """Adds what `schema` says to a field's own description."""
    return lambda own: own.update(schema(*arguments))


def line_schema(most: int, least: int = 1) -> Json:
    """The schema of one line. White space around the text does not count."""
    hidden = _hidden()
    content = rf"[^{hidden}\s][^{hidden}]*" if least else ""
    return {"minLength": least, "maxLength": most, "pattern": f"^[^{hidden}]*{content}$"}


def paragraphs_schema(most: int) -> Json:
    hidden = _hidden(_BREAKS)
    return {"maxLength": most, "pattern": f"^[^{hidden}]*$"}


@cache
def _hidden(but: str = "") -> str:
    """The characters that no text may have, as the inside of a character class."""
    letters = (n for n in range(0x10000) if n not in _SURROGATES and chr(n) not in but)
    hidden = (n for n in letters if checks.never_in_a_line(chr(n)))
    return "".join(_class(first, last) for first, last in _ranges(hidden))


def _class(first: int, last: int) -> str:
    return rf"\u{first:04x}-\u{last:04x}" if last > first else rf"\u{first:04x}"


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    found = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        *_, (_, last) = members = list(run)
        found.append((members[0][1], last))
    return found
