"""Finds codes that can be handed out without reading past those that cannot: each batch keeps where
its free codes begin.

A batch is searched in the order of canonical forms, and a place in it is a canonical form.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import connection

from promint.core.models import Batch, BatchStock
from promint.core.rules import BatchStatus
from promint.core.storage import durable, select

# The condition that the code `c` is not cancelled, handed out or claimed. Written as subqueries
# because the database might read whole tables for joins.
CLAIMS = (
    "(SELECT COUNT(*) FROM core_claim k WHERE k.code = c.value AND k.single_use"
    " AND NOT EXISTS (SELECT 1 FROM core_reversal r WHERE r.code = k.code"
    " AND r.customer = k.customer AND r.round = k.round AND r.available_again))"
)
FREE = (
    "c.cancelled_at IS NULL"
    " AND (SELECT COUNT(*) FROM core_handout h WHERE h.list_id = c.list_id AND h.code = c.value)"
    f" + {CLAIMS} = 0"
)
_FIRST_FREE = (
    "SELECT c.value FROM core_code c WHERE c.batch_id = %s AND c.value >= %s AND c.value < %s"
    f" AND {FREE} ORDER BY c.value LIMIT 1"
)
_FREE_AMONG = f"SELECT c.value FROM core_code c WHERE {FREE} AND c.value IN {{values}}"
_AT_A_DISTANCE = (
    "SELECT c.value FROM core_code c WHERE c.batch_id = %s AND c.value >= %s"
    " ORDER BY c.value LIMIT 1 OFFSET %s"
)
END = "~"  # sorts after every code
REACH = 10_000  # codes that are searched together
STRIDES = 20  # how many times REACH one search covers
MOST_RETURNED = 1_000  # codes; if there are more, the batch is searched from its beginning
_TRUSTED_FOR = 1.0  # seconds
_KEPT = 1_000  # lists


@dataclass(frozen=True)
class Shelf:
    """Where the free codes of a batch may be: in `[begins, until)` and in `returned`."""

    batch_id: int
    begins: str
    until: str
    returned: tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    shelves: list[Shelf]
    read_at: float


_known: dict[int, _Known] = {}  # by list, as this process last read it


def shelves(list_id: int) -> list[Shelf]:
    """The active batches that may have free codes, the oldest first. Some may have none any
    more."""
    known = _known.get(list_id)
    if known is None or time.monotonic() - known.read_at > _TRUSTED_FOR:
        look_again(list_id)
        known = _known[list_id]
    return list(known.shelves)


def move_on(list_id: int, batch_id: int, taken: str) -> None:
    """Let this process continue after a code that it took. The codes before it were not free, or
    others were taking them. If those transactions fail, the next search finds these codes again."""
    known = _known.get(list_id)
    for place, shelf in enumerate(known.shelves if known else []):
        if known and shelf.batch_id == batch_id and shelf.begins < taken < shelf.until:
            known.shelves[place] = replace(shelf, begins=taken)


def look_again(list_id: int) -> bool:
    """Find where the free codes of each batch begin now. Returns whether there are any."""
    active = Batch.objects.filter(list=list_id, status=BatchStatus.ACTIVE).exclude(
        stock__begins=END, stock__returned=[]
    )
    found = [
        shelf
        for batch_id in active.order_by("number").values_list("id", flat=True)
        if (shelf := _search(batch_id)) is not None
    ]
    if len(_known) >= _KEPT:
        _known.clear()
    _known[list_id] = _Known(found, time.monotonic())
    return bool(found)


@durable
def _search(batch_id: int) -> Shelf | None:
    """Update the place where the free codes of a batch begin, unless another process is doing
    so."""
    own = BatchStock.objects.filter(batch=batch_id)
    if not own.exists():
        BatchStock.objects.bulk_create([BatchStock(batch_id=batch_id)], ignore_conflicts=True)
    stock = own.select_for_update(skip_locked=True).first()
    if stock is None:
        return _shelf(own.get())
    free = {value for (value,) in select(_FREE_AMONG, stock.returned)}
    changed = {
        "begins": _first_free(batch_id, stock.begins),
        "returned": [value for value in stock.returned if value in free],
    }
    if changed != {"begins": stock.begins, "returned": stock.returned}:
        own.update(**changed)
    return _shelf(BatchStock(batch_id=batch_id, **changed))


def _shelf(stock: BatchStock) -> Shelf | None:
    if stock.begins == END and not stock.returned:
        return None
    until = _at_a_distance(stock.batch_id, stock.begins, REACH)
    return Shelf(stock.batch_id, stock.begins, until, tuple(stock.returned))


def _first_free(batch_id: int, begins: str) -> str:
    """The first free code. If it is far, a place from which the next search continues; END if
    there is none."""
    for _ in range(STRIDES):
        until = _at_a_distance(batch_id, begins, REACH)
        if (found := _value(_FIRST_FREE, batch_id, begins, until)) is not None:
            return found
        begins = until
        if begins == END:
            break
    return begins


def _at_a_distance(batch_id: int, begins: str, codes: int) -> str:
    return _value(_AT_A_DISTANCE, batch_id, begins, codes) or END


def _value(sql: str, *parameters: int | str) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return None if row is None else row[0]


def became_free(batch_id: int, values: Iterable[str]) -> None:
    """Codes of a batch that were claimed or cancelled are available again. Called in the
    transaction that makes them available, which excludes a search of the batch at the same time."""
    BatchStock.objects.bulk_create([BatchStock(batch_id=batch_id)], ignore_conflicts=True)
    stock = BatchStock.objects.select_for_update().get(batch=batch_id)
    behind = [value for value in values if value < stock.begins]
    returned = sorted({*stock.returned, *behind})
    if len(returned) > MOST_RETURNED:
        stock.begins, returned = "", []
    stock.returned = returned
    stock.save(update_fields=["begins", "returned"])
