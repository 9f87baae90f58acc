"""What has to be known of a table to copy it."""

import json
import marshal
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from django.apps import apps
from django.db import models

_KINDS = (
    (models.DateTimeField, "time"),
    (models.BooleanField, "truth"),
    (models.JSONField, "json"),
)


@dataclass(frozen=True)
class Table:
    """`columns`: the kind of each, time, truth, json or plain. `numbered`: the column that a
    sequence fills; empty if there is none."""

    name: str
    columns: dict[str, str]
    numbered: str


def all_tables() -> list[Table]:
    """Every table of Promint except that of the migrations, which each database has made itself."""
    found = {
        model._meta.db_table: _table(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return [found[name] for name in sorted(found)]


def _table(model: type[models.Model]) -> Table:
    fields = model._meta.local_concrete_fields
    columns = {str(field.column): _kind(field) for field in fields if field.column}
    numbered = [str(field.column) for field in fields if isinstance(field, models.AutoField)]
    return Table(model._meta.db_table, columns, "".join(numbered))


def _kind(field: Any) -> str:
    while field.remote_field is not None:
        field = field.target_field
    return next((kind for one, kind in _KINDS if isinstance(field, one)), "plain")


class Sum:
    """The number of rows, and a sum of their hashes, which does not depend on their order. It can
    be compared within this process only: the hash is keyed with a random number."""

    def __init__(self, table: Table) -> None:
        self.rows = 0
        self.total = 0
        kinds = list(table.columns.values())
        self._json = [place for place, kind in enumerate(kinds) if kind == "json"]

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        whole: Iterable[Any] = map(self._in_one_form, rows) if self._json else rows
        self.total += sum(map(hash, map(marshal.dumps, whole, repeat(0))))
        self.rows += len(rows)

    def _in_one_form(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """JSON with sorted keys, because PostgreSQL sorts them its own way."""
        cells = list(row)
        for place in self._json:
            if cells[place] is not None:
                cells[place] = json.dumps(json.loads(cells[place]), sort_keys=True)
        return tuple(cells)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sum) and (self.rows, self.total) == (other.rows, other.total)

    __hash__ = None  # type: ignore[assignment]
