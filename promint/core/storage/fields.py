"""Column types that PostgreSQL and SQLite spell differently."""

from enum import StrEnum
from typing import Any

from django.db import models


def choices_of(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """The `choices` of a column that holds one of these values."""
    return [(member.value, member.value) for member in enum]


def empty() -> list[object]:
    """The default of a column that holds a JSON array."""
    return []


class KeyText(models.CharField):  # type: ignore[type-arg]
    """Text that is compared byte by byte: codes, customers, idempotency keys.

    PostgreSQL uses COLLATE "C", which sorts like Python and is the fastest. SQLite always compares
    bytes and has no such collation. The type is spelt in full because Django gives every indexed
    "varchar" a second index for LIKE, which nothing here uses.
    """

    def db_type(self, connection: Any) -> str | None:
        if connection.vendor == "postgresql":
            return f"character varying({self.max_length})"
        return super().db_type(connection)

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters: dict[str, Any] = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
