"""Counts how many codes of a list were handed out, in several rows, so that handouts do not wait
for each other.

Each process adds to a row of its own, as the last statement of its transaction.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connection

from promint.core import events, lists
from promint.core.events import Listening
from promint.core.models import HandoutCount, ListCounter
from promint.core.rules import news
from promint.core.storage import durable, select

SLOTS = 16
_KEPT = 10_000  # lists
_begun: set[int] = set()  # lists of which this process has read that codes are handed out

_AMONG = "SELECT code FROM core_handout WHERE list_id = %s AND code IN {values}"

_ADD = (
    "INSERT INTO core_handoutcount (list_id, slot, codes) VALUES (%s, %s, %s)"
    " ON CONFLICT (list_id, slot) DO UPDATE SET codes = core_handoutcount.codes + EXCLUDED.codes"
)


def add(list_id: int, codes: int) -> None:
    """Count codes that were just handed out, at the end of their transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [list_id, os.getpid() % SLOTS, codes])


def begin(list_id: int) -> None:
    """Let claims know that codes of the list are handed out, before the first one is: from then on
    they look whether a code was. Waits for claims that do not know it yet."""
    if list_id in _begun:
        return
    if HandoutCount.objects.filter(list=list_id).exists():
        if len(_begun) >= _KEPT:
            _begun.clear()
        _begun.add(list_id)
    else:
        _begin(list_id)


@durable
def _begin(list_id: int) -> None:
    lists.lock_counter(list_id)
    add(list_id, 0)


def were_handed_out(list_id: int, values: Sequence[str]) -> set[str]:
    """Which of these canonical codes of the list were handed out."""
    return {code for (code,) in select(_AMONG, values, list_id)}


def tell(counter: ListCounter, type: str, codes: int, to: Listening, at: datetime) -> None:
    """Tell webhooks of a low stock if it is caused by these codes, which are about to be
    counted. The list's counter is locked."""
    before = events.stock_of(counter, type)
    after = replace(before, handed_out=before.handed_out + codes)
    reached = [(counter.list_id, event) for event in news(before, after)]
    if reached:
        events.record_limits(reached, at, to)
