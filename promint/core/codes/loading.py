"""Loads the codes of a batch in sorted chunks. The unique index finds those that exist."""

import json
from collections.abc import Mapping

from django.db import IntegrityError, connection, transaction

from promint.core.models import Batch
from promint.core.storage import on_postgresql, select

_COPY = "COPY core_code (value, list_id, batch_id) FROM STDIN"
_COPY_TYPED = "COPY core_code (value, list_id, batch_id, typed) FROM STDIN"
_INSERT = "INSERT INTO core_code (value, list_id, batch_id) SELECT value, %s, %s FROM json_each(%s)"
_INSERT_TYPED = (
    "INSERT INTO core_code (list_id, batch_id, value, typed)"
    " SELECT %s, %s, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(%s)"
)
_OWNERS = "SELECT value, batch_id FROM core_code WHERE value IN {values}"


def load(
    batch: Batch, values: list[str], typed: Mapping[str, str] | None = None
) -> dict[str, int | None]:
    """Insert sorted canonical codes, except those that exist.

    `typed`: the text of codes that read differently from their canonical form. Returns the codes
    that were left out, each with the key of the batch that has it (None: a multi use list has it).
    Inside a transaction.
    """
    owners: dict[str, int | None] = {}
    while fresh := [value for value in values if value not in owners]:
        try:
            with transaction.atomic():
                _insert(batch, fresh, typed or {})
            break
        except IntegrityError:
            found: dict[str, int | None] = dict(select(_OWNERS, fresh))
            if not found:
                raise
            owners |= found
    return owners


def _insert(batch: Batch, values: list[str], typed: Mapping[str, str]) -> None:
    with connection.cursor() as cursor:
        if on_postgresql():
            statement = _COPY_TYPED if typed else _COPY
            # Django does not wrap a cursor's copy, which raises errors of the driver.
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                copy.write(_copy_text(batch, values, typed).encode())
        else:
            # One statement for the chunk is twice as fast as row by row, and lets other threads
            # run.
            rows = [(value, typed.get(value)) for value in values] if typed else values
            statement = _INSERT_TYPED if typed else _INSERT
            cursor.execute(statement, [batch.list_id, batch.id, json.dumps(rows)])


def _copy_text(batch: Batch, values: list[str], typed: Mapping[str, str]) -> str:
    """The rows for COPY. Nothing is escaped, because no character of a code is special there."""
    tail = f"\t{batch.list_id}\t{batch.id}"
    if not typed:
        return f"{tail}\n".join(values) + f"{tail}\n"
    return "".join([f"{value}{tail}\t{typed.get(value, _NULL)}\n" for value in values])


_NULL = "\\N"
