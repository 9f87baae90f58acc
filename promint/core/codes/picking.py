"""Takes free codes: locks each, records the handout, and checks once more that nobody claimed
it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from promint.core.codes import stock
from promint.core.codes.stock import CLAIMS, FREE, Shelf
from promint.core.models import Handout
from promint.core.storage import on_postgresql, select, vendor

_ON_THE_SHELF = "c.value >= %s AND c.value < %s"
_RETURNED = "c.value IN {values}"
# Locks as many free codes as there are recipients and gives one to each. The primary keys leave out
# a recipient who got a code meanwhile, and a code that somebody else got.
_PICK = """
WITH free AS (
  SELECT c.value FROM core_code c WHERE c.batch_id = %s AND {where} AND {free}
  ORDER BY c.value LIMIT %s{lock}
), numbered AS (
  SELECT value, row_number() OVER () AS n FROM free
), wanted AS ({wanted})
INSERT INTO core_handout
  (list_id, code, recipient, place, id, handed_out_at, actor, reason, bulk_id)
SELECT %s, numbered.value, wanted.recipient, wanted.place, wanted.id, %s, %s, %s, %s
FROM numbered JOIN wanted ON wanted.n = numbered.n WHERE true
ON CONFLICT DO NOTHING RETURNING recipient, code
"""
_WANTED = {
    "postgresql": "SELECT recipient, place, id, n FROM unnest(%s::text[], %s::smallint[],"
    " %s::text[]) WITH ORDINALITY AS w(recipient, place, id, n)",
    "sqlite": "SELECT json_extract(value, '$[0]') AS recipient, json_extract(value, '$[1]') AS"
    " place, json_extract(value, '$[2]') AS id, key + 1 AS n FROM json_each(%s)",
}
# The text of the codes that were taken, and by how many claims each is taken.
_TAKEN = f"SELECT c.value, c.typed, {CLAIMS} FROM core_code c WHERE c.value IN {{values}}"


class ClaimedMeanwhile(Exception):
    """A code was claimed between the moment it was found free and the moment it was locked."""


def pick(wanted: Sequence[Handout], shelves: Sequence[Shelf]) -> list[tuple[Handout, str | None]]:
    """Give a code to each of these handouts as far as there are any, and return them with the
    text of the code. They have the same list, time, actor, reason and file. Inside a transaction.
    Raises ClaimedMeanwhile."""
    waiting = {one.recipient: one for one in wanted}
    for shelf, where, parameters in _places(shelves):
        if not waiting:
            break
        picked = _pick(list(waiting.values()), where, parameters)
        for recipient, code in picked:
            waiting.pop(recipient).code = code
        if picked and where == _ON_THE_SHELF:
            stock.move_on(wanted[0].list_id, shelf.batch_id, max(code for _, code in picked))
    taken = {one.code: one for one in wanted if one.recipient not in waiting}
    found = select(_TAKEN, sorted(taken))
    if any(claims for _, _, claims in found):
        raise ClaimedMeanwhile
    return [(taken[value], typed) for value, typed, _ in found]


def _places(shelves: Sequence[Shelf]) -> Iterator[tuple[Shelf, str, list[Any]]]:
    """Where to look for codes: in each batch, first among those that became free again."""
    for shelf in shelves:
        if shelf.returned:
            among: Any = list(shelf.returned)
            yield (
                shelf,
                _RETURNED,
                [shelf.batch_id, among if on_postgresql() else json.dumps(among)],
            )
        yield shelf, _ON_THE_SHELF, [shelf.batch_id, shelf.begins, shelf.until]


def _pick(wanted: Sequence[Handout], where: str, parameters: list[Any]) -> list[tuple[str, str]]:
    """The recipients who got a code, each with the code."""
    columns = [(one.recipient, one.place, one.id) for one in wanted]
    first = wanted[0]
    at = connection.ops.adapt_datetimefield_value(first.handed_out_at)
    sql = _PICK.format(
        where=where.replace("IN {values}", vendor().in_values),
        free=FREE,
        lock=vendor().for_update_skipping,
        wanted=_WANTED[connection.vendor],
    )
    rows = (
        [list(c) for c in zip(*columns, strict=True)] if on_postgresql() else [json.dumps(columns)]
    )
    with connection.cursor() as cursor:
        shared = first.list_id, at, first.actor, first.reason, first.bulk_id
        cursor.execute(sql, [*parameters, len(wanted), *rows, *shared])
        return list(cursor.fetchall())
