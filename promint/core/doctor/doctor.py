"""Checks whether the database is as it must be, with one line for each invariant, and repairs
counters."""

import logging
from dataclasses import dataclass
from itertools import chain, islice

from django.db import IntegrityError, connection
from django.db.models import F

from promint.core import audit
from promint.core.doctor import counters
from promint.core.doctor.counters import WrongCounter
from promint.core.doctor.examples import EXAMPLES
from promint.core.doctor.invariants import INVARIANTS, Invariant
from promint.core.models import Batch
from promint.core.storage import durable, on_postgresql

SHOWN = 3  # breaches in a line

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """`number`: that of the invariant, from 1. `breaches`: sentences, at most EXAMPLES of them."""

    number: int
    says: str
    breaches: list[str]

    @property
    def holds(self) -> bool:
        return not self.breaches

    @property
    def line(self) -> str:
        if self.holds:
            return f"ok     {self.number:2} {self.says}"
        shown = "; ".join(self.breaches[:SHOWN])
        more = len(self.breaches) - SHOWN
        least = "at least " if len(self.breaches) == EXAMPLES else ""
        return f"BROKEN {self.number:2} {self.says}: {shown}" + (
            f"; and {least}{more} more" if more > 0 else ""
        )


@durable
def check() -> list[Finding]:
    """Check every invariant in one snapshot. Nothing is changed. On SQLite, claims wait
    meanwhile."""
    _one_snapshot()
    facts = counters.read()
    return [_finding(n, invariant, facts) for n, invariant in enumerate(INVARIANTS, start=1)]


def _one_snapshot() -> None:
    """Let all queries read the same snapshot. On SQLite a transaction always does."""
    if on_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _finding(number: int, invariant: Invariant, facts: counters.Facts) -> Finding:
    breaches = chain.from_iterable(check(facts) for check in invariant.checks)
    return Finding(number, invariant.says, list(islice(breaches, EXAMPLES)))


def repair(actor: str) -> list[str]:
    """Set counters to what the facts are, each in a transaction of its own. Returns what was
    repaired.

    It adds the difference between counter and facts, which claims at the same time do not change.
    So nothing has to wait while millions of rows are counted.
    """
    return [wrong.subject for wrong in _wrong_counters() if _repaired(wrong, actor)]


@durable
def _wrong_counters() -> list[WrongCounter]:
    _one_snapshot()
    return list(counters.wrong_counters(counters.read()))


def _repaired(wrong: WrongCounter, actor: str) -> bool:
    try:
        _add_differences(wrong, actor)
    except IntegrityError:
        log.warning("The counters of %s cannot say what the facts are.", wrong.subject)
        return False
    return True


@durable
def _add_differences(wrong: WrongCounter, actor: str) -> None:
    changes = {name: F(name) + by for name, by in wrong.differences.items()}
    if wrong.model is Batch:
        changes["fence"] = F("fence") + 1  # a worker that counts from the old number has to stop
    if not wrong.model._default_manager.filter(**wrong.key).update(**changes):
        wrong.model._default_manager.create(**wrong.key, **wrong.facts)
    audit.record(
        actor, "counter.repaired", wrong.subject[:300], before=wrong.stored, after=wrong.facts
    )
