"""Which codes a cancellation in bulk is about, and the present state of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from promint.core import lists
from promint.core.codes import batches
from promint.core.codes.stock import CLAIMS
from promint.core.lists import ListFacts
from promint.core.models import Batch, PromoList
from promint.core.rules import (
    BatchStatus,
    ListType,
    Refusal,
    Refused,
    canonical,
    invalid,
    limits,
)
from promint.core.storage import on_postgresql, select

# Why a code is not cancelled: the name of the reason, and words that follow a number of codes.
REASONS = {
    "claimed": "claimed by a customer",
    "cancelled_already": "cancelled already",
    "unknown": "unknown",
    "multi_use": "the one code of a multi use list",
    "other_handout": "left out by the choice of handed out or not",
}
_STATE = (
    "SELECT c.value, c.typed, c.list_id, c.batch_id, COALESCE(b.status = 'active', false),"
    f" c.cancelled_at IS NOT NULL, {CLAIMS} > 0, EXISTS (SELECT 1 FROM core_handout h"
    " WHERE h.list_id = c.list_id AND h.code = c.value)"
    " FROM core_code c LEFT JOIN core_batch b ON b.id = c.batch_id WHERE "
)
_OF_BATCH = _STATE + "c.batch_id = %s AND c.value > %s ORDER BY c.value LIMIT %s"
_NAMED = _STATE + "c.value IN {values} ORDER BY c.value"


class Seen(NamedTuple):
    """A code as it is now."""

    value: str
    typed: str | None
    list_id: int
    batch_id: int | None
    batch_active: bool
    cancelled: bool
    claimed: bool
    handed_out: bool

    def why_left(self, facts: ListFacts, handed_out: bool | None) -> str | None:
        """The name of the reason in REASONS why the code is not cancelled; None if it is.
        `handed_out`: which codes are meant; None means both."""
        if not facts.single_use:
            return "multi_use"
        if handed_out is not None and self.handed_out is not handed_out:
            return "other_handout"
        if self.claimed:
            return "claimed"
        return "cancelled_already" if self.cancelled else None


@dataclass(frozen=True)
class Selection:
    """The codes of a list's active batches, of one batch, or codes by name (then there is no
    list). `impossible`: how many of the named ones cannot be codes."""

    promo_list: PromoList | None = None
    batch: Batch | None = None
    named: tuple[str, ...] = ()
    impossible: int = 0
    handed_out: bool | None = None


def selection(
    *,
    list_id: str | None = None,
    batch_id: str | None = None,
    typed: Sequence[str] | None = None,
    handed_out: bool | None = None,
    most: int = limits.NAMED_TO_CANCEL,
) -> Selection:
    """The codes that are meant, by one of the three. `most`: how many may be named. Raises
    Refused."""
    if [list_id, batch_id, typed].count(None) != 2:
        raise invalid({"list": "Send one of these: list, batch, codes."})
    if typed is not None:
        return _naming(typed, handed_out, most)
    if batch_id is not None:
        batch = batches.find(batch_id)
        if batch.status != BatchStatus.ACTIVE:
            raise Refused(
                Refusal.BATCH_PENDING,
                "The batch is not active, so its codes cannot be claimed. They can be cancelled"
                " together once it is.",
            )
        return Selection(batch.list, batch, handed_out=handed_out)
    promo_list = lists.find(list_id or "")
    if promo_list.type == ListType.MULTI_USE:
        raise Refused(
            Refusal.WRONG_LIST_TYPE,
            "A multi use code is shared by many customers."
            " Edit its list: end it, or lower its cap.",
        )
    return Selection(promo_list, handed_out=handed_out)


def _naming(typed: Sequence[str], handed_out: bool | None, most: int) -> Selection:
    if not 1 <= len(typed) <= most:
        raise invalid({"codes": f"Send 1 to {most:,} codes."})
    if any(len(code) > limits.TYPED_CODE_CHARACTERS for code in typed):
        raise invalid({"codes": f"A code has at most {limits.TYPED_CODE_CHARACTERS} characters."})
    values = [canonical(code) for code in typed]
    named = sorted({value for value in values if value is not None})
    return Selection(named=tuple(named), impossible=values.count(None), handed_out=handed_out)


def active_batches(promo_list: PromoList, batch: Batch | None) -> QuerySet[Batch]:
    """The active batches, in the order in which they are worked on."""
    of_list = Batch.objects.filter(list=promo_list, status=BatchStatus.ACTIVE).order_by("number")
    return of_list if batch is None else of_list.filter(id=batch.id)


def of_batch(batch_id: int, after: str, most: int) -> list[Seen]:
    """The next codes of a batch, in the order of their canonical form."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_BATCH, [batch_id, after, most])
        return _seen(cursor.fetchall())


def named(values: Sequence[str]) -> list[Seen]:
    """Those of these canonical codes that exist, in order."""
    return _seen(select(_NAMED, values))


def _seen(rows: Iterable[tuple[Any, ...]]) -> list[Seen]:
    """The codes of these rows. SQLite has numbers in place of true and false."""
    if on_postgresql():
        return list(map(Seen._make, rows))
    return [Seen(*row[:4], *map(bool, row[4:])) for row in rows]
