"""Pages of collections: by limit and offset, or by cursor where there can be millions of items."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from pydantic import BaseModel, BeforeValidator, Field

from promint.core.rules import checks, limits

T = TypeVar("T")
M = TypeVar("M", bound=Model)

OFFSET = 1_000_000_000  # rows


def _number(most: int, least: int) -> BeforeValidator:
    def read(text: str | int) -> int:
        number = int(text) if re.fullmatch(r"[0-9]{1,12}", str(text), re.ASCII) else -1
        if problem := checks.whole_number(number, most, least):
            raise ValueError(problem)
        return number

    return BeforeValidator(read)


Limit = Annotated[
    int,
    _number(limits.PAGE_ITEMS, 1),
    Field(json_schema_extra={"minimum": 1, "maximum": limits.PAGE_ITEMS}),
]
Offset = Annotated[
    int,
    _number(OFFSET, 0),
    Field(
        description="Items to leave out first, counted anew for every page: what is made between"
        " two pages moves the rows behind it by one, so that a row may come twice.",
        json_schema_extra={"minimum": 0, "maximum": OFFSET},
    ),
]


class OffsetPage(BaseModel):
    limit: Limit = limits.PAGE_ITEMS_DEFAULT
    offset: Offset = 0

    def answer(self, found: QuerySet[M], read: Callable[[list[M]], list[Any]]) -> dict[str, Any]:
        rows = list(found[self.offset : self.offset + self.limit])
        return {"items": read(rows), "count": found.count()}


class CursorPage(BaseModel):
    limit: Limit = limits.PAGE_ITEMS_DEFAULT
    cursor: str = ""

    def answer(
        self, found: list[T], read: Callable[[T], Any], next_after: Callable[[T], str]
    ) -> dict[str, Any]:
        """A page. `found` has one row more than the limit if there is a next page. `next_after`
        makes the cursor for it."""
        shown = found[: self.limit]
        more = len(found) > self.limit
        return {
            "items": [read(row) for row in shown],
            "next": next_after(shown[-1]) if more else None,
        }


class Collection(BaseModel, Generic[T]):
    items: list[T]
    count: int


class CursorCollection(BaseModel, Generic[T]):
    items: list[T]
    next: str | None
