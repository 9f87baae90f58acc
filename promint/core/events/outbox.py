"""The outbox of webhooks. Events are written for every endpoint that wants them, in the same
transaction as the change itself. A worker sends them later (core.events.deliveries).

A transaction that writes about a list keeps the list's counter locked until the commit, so the rows
of one list are numbered in the order of commit. The endpoints are read in the same transaction,
never kept in memory: an endpoint is told of everything that is committed after it was created.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Sum

from promint.core.events import described
from promint.core.models import HandoutCount, ListCounter, PromoList
from promint.core.rules import Event, ListType, Stock, news, rfc3339
from promint.core.storage import ask, on_postgresql

# Inserts one row for each event and endpoint. The database numbers them.
_COLUMNS = "webhook_id, list_id, event, event_id, created_at, due_at, body"
_COPY = f"COPY core_delivery ({_COLUMNS}) FROM STDIN"
_MARKS = "(%s, %s, %s, %s, %s, %s, %s)"
_INSERT = f"INSERT INTO core_delivery ({_COLUMNS}) VALUES {_MARKS}"  # noqa: S608
_TOGETHER = 16  # rows in one statement, which is twice as fast as one statement for each
_INSERT_TOGETHER = _INSERT + f", {_MARKS}" * (_TOGETHER - 1)
_Row = tuple[int, int, str, str, str, str, str]
# Reads which endpoints want events. A paused endpoint gets its events when it is active again.
_LISTENING = "SELECT id, events FROM core_webhook WHERE status IN {values}"
_LISTENING_STATES = ["active", "paused"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a list or in it. `data` is the data of the event, ready for
    JSON."""

    event: str
    list_id: int  # or rules.webhooks.OF_NO_LIST, OF_KEYS
    data: dict[str, Any]
    at: datetime


class Listening:
    """The endpoints that want each event, as read in this transaction."""

    def __init__(self, wanted: Iterable[tuple[int, list[str]]]) -> None:
        self._by_event: dict[str, list[int]] = {}
        for webhook_id, names in wanted:
            for name in names:
                self._by_event.setdefault(name, []).append(webhook_id)

    def to(self, event: str) -> list[int]:
        return self._by_event.get(event, [])

    def __bool__(self) -> bool:
        return bool(self._by_event)


def ask_listening() -> Callable[[], Listening]:
    found = ask(_LISTENING, _LISTENING_STATES)
    return lambda: Listening((key, _parsed(names)) for key, names in found())


def listening() -> Listening:
    return ask_listening()()


def _parsed(names: Any) -> list[str]:
    """The names in a JSON column, which is text on SQLite, and on PostgreSQL if Django has not
    decoded it."""
    parsed: list[str] = msgspec.json.decode(names) if isinstance(names, str) else names
    return parsed


def record(event: Event, list_id: int, data: dict[str, Any], at: datetime) -> None:
    """Queue an event, inside the transaction of the change, while the list's counter is locked."""
    record_all([Fact(event, list_id, data, at)])


def record_all(facts: Iterable[Fact], to: Listening | None = None) -> None:
    """Queue the events in the given order. `to`: the endpoints, if they were read already."""
    to = listening() if to is None else to
    write((webhook_id, fact) for fact in facts for webhook_id in to.to(fact.event))


def write(told: Iterable[tuple[int, Fact]]) -> None:
    """Queue events. `told`: endpoints and what each is told; those of one event follow each
    other."""
    rows: list[_Row] = []
    last, event_id, body, at = None, "", "", ""
    drawn = secrets.token_hex(12)  # random, once; the events are numbered from there
    for webhook_id, fact in told:
        if fact is not last:
            last, event_id, body = fact, f"msg_{drawn}{len(rows):08x}", _body(fact)
            at = _written(fact.at)
        rows.append((webhook_id, fact.list_id, fact.event, event_id, at, at, body))
    if rows:
        _insert(rows)


@lru_cache(64)  # all claims of a group have the same time
def _written(moment: datetime) -> str:
    """The time as the database reads it."""
    return str(connection.ops.adapt_datetimefield_value(moment))


def _insert(rows: list[_Row]) -> None:
    with connection.cursor() as cursor:
        if on_postgresql():
            _copy(cursor, rows)
        else:
            _insert_together(cursor, rows)


def _copy(cursor: Any, rows: list[_Row]) -> None:
    """COPY the rows. In arrays, every quote of every body would have to be escaped, which takes
    longer than the rest of a claim."""
    # A body has no tab and no line break: JSON writes them with a backslash.
    text = "\n".join(["\t".join(map(str, row)) for row in rows])
    # Django does not wrap a cursor's copy, which raises errors of the driver.
    with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        copy.write(text.replace("\\", "\\\\").encode())


def _insert_together(cursor: Any, rows: list[_Row]) -> None:
    whole = len(rows) - len(rows) % _TOGETHER
    for start in range(0, whole, _TOGETHER):
        together = rows[start : start + _TOGETHER]
        cursor.execute(_INSERT_TOGETHER, list(chain.from_iterable(together)))
    cursor.executemany(_INSERT, rows[whole:])


def _body(fact: Fact) -> str:
    """The body that Standard Webhooks defines: type, timestamp, data."""
    sent = {"type": fact.event, "timestamp": rfc3339(fact.at), "data": fact.data}
    return msgspec.json.encode(sent).decode()


def stock_of(counter: ListCounter, type: str) -> Stock:
    """The numbers on which the limits of a list depend. A multi use code never runs out."""
    if type == ListType.MULTI_USE:
        return Stock(counter.claims, counter.entry_cap)
    given = handed_out(counter.list_id)
    return stock_given(counter, given)


def stock_given(counter: ListCounter, given: int) -> Stock:
    """The same of a list that is not multi use and handed out so many codes."""
    return Stock(
        counter.claims,
        counter.entry_cap,
        counter.codes,
        counter.cancelled,
        given,
        counter.handed_out_gone,
    )


def handed_out(list_id: int) -> int:
    """How many codes of the list were handed out."""
    found = HandoutCount.objects.filter(list=list_id).aggregate(codes=Sum("codes"))
    return found["codes"] or 0


def handed_out_of(list_ids: list[int]) -> dict[int, int]:
    """By list, for those that handed out any."""
    found = HandoutCount.objects.filter(list__in=list_ids).values("list")
    return dict(found.annotate(given=Sum("codes")).values_list("list", "given"))


def record_news(list_id: int, before: Stock, after: Stock, at: datetime) -> None:
    """Queue the events of limits that a change has reached, after the counter is written."""
    if events := news(before, after):
        record_limits([(list_id, event) for event in events], at)


def record_limits(
    reached: list[tuple[int, Event]], at: datetime, to: Listening | None = None
) -> None:
    to = listening() if to is None else to
    if wanted := [(list_id, event) for list_id, event in reached if to.to(event)]:
        ids = {list_id for list_id, _ in wanted}
        found = PromoList.objects.select_related("counter").in_bulk(ids)
        data = {key: described.list_data(promo_list, at) for key, promo_list in found.items()}
        record_all([Fact(event, key, data[key], at) for key, event in wanted], to)
