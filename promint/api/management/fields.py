"""Fields of bodies and answers: how they are read, and how OpenAPI describes them."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from promint.api import json_schema
from promint.core.rules import checks, limits

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_TIME = {"type": "string", "format": "date-time", "examples": ["2026-11-01T00:00:00Z"]}
_SENT = _TIME | {"pattern": "^[2-9]"}  # from the year 2000 on


def _moment(sent: object) -> datetime:
    if not (isinstance(sent, str) and _RFC3339.fullmatch(sent)):
        raise ValueError("Send a time with its offset from UTC, like 2026-11-01T00:00:00Z.")
    try:
        return datetime.fromisoformat(sent.upper())
    except ValueError:
        raise ValueError("There is no such time.") from None


def _in_reach(moment: datetime) -> datetime:
    if problem := checks.time(moment):
        raise ValueError(problem)
    return moment


Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema(_SENT)
]  # in a body, where the core checks it
AskedMoment = Annotated[Moment, AfterValidator(_in_reach)]  # in a query
Time = Annotated[str, WithJsonSchema(_TIME)]  # in an answer

Cap = Annotated[
    int | None, Field(json_schema_extra={"minimum": 1, "maximum": limits.ENTRY_CAP_CLAIMS})
]


def _search_text(sent: str) -> str:
    if problem := checks.line(sent, limits.NAME_CHARACTERS, least=0):
        raise ValueError(problem)
    return sent


SearchText = Annotated[
    str,
    AfterValidator(_search_text),
    json_schema.line(limits.NAME_CHARACTERS, least=0),
]
