"""One step of a cancellation in bulk: many codes in one transaction, while the counters of their
lists are locked, as for a single code. Claims continue between the steps."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from promint.core import audit, events, failpoints, lists
from promint.core.codes import handed_out, selecting
from promint.core.codes.selecting import Seen, active_batches
from promint.core.events import Fact
from promint.core.lists import ListFacts, facts_of
from promint.core.models import Batch, Cancellation, Code, Handout, ListCounter
from promint.core.rules import Event, ids, rfc3339
from promint.core.storage import database_now, durable, insert_each, jobs, select

STEP = 5_000  # codes that are looked at in one transaction

_LISTS_OF = "SELECT DISTINCT list_id FROM core_code WHERE value IN {values}"
_CANCEL = (
    "UPDATE core_code SET cancelled_at = %s"
    " WHERE cancelled_at IS NULL AND value IN {values} RETURNING value"
)
_WANTED_BY_OTHERS = (
    "SELECT DISTINCT code FROM core_cancelledcode WHERE undone_at IS NULL AND code IN {values}"
)
_NOTE = (
    "INSERT INTO core_cancelledcode (code, cancellation_id, earlier, cancelled_at)"
    " SELECT value, %s, %s, %s FROM {values}"
)


Facts = Mapping[int, ListFacts]


@dataclass(frozen=True)
class _Page:
    """The codes of a step, `looked_at` of them, and where the next step begins."""

    seen: list[Seen]
    looked_at: int
    place: dict[str, Any]


@durable
def step(job: Cancellation) -> Cancellation:
    """Cancel the next codes, and return the row as it is then. Raises LostLease."""
    now = database_now()
    page = _next(job)
    if page is None:
        return _finish(job, now)
    facts = facts_of({one.list_id for one in page.seen})
    why = [(one, one.why_left(facts[one.list_id], job.only_handed_out)) for one in page.seen]
    cancelled = _cancel(job, [one for one, reason in why if reason is None], facts, now)
    _want_too(job, [one.value for one, reason in why if reason == "cancelled_already"], now)
    failpoints.reach("cancelling.in_step")
    left = Counter(job.left) + Counter(reason for _, reason in why if reason)
    left["unknown"] += page.looked_at - len(page.seen)
    if job.list_id is not None:  # codes that were not chosen are not reported
        left["other_handout"] = 0
    jobs.write(
        job,
        cancelled=F("cancelled") + cancelled,
        looked_at=F("looked_at") + page.looked_at,
        left={reason: count for reason, count in left.items() if count},
        **page.place,
    )
    return current(job)


def current(job: Cancellation) -> Cancellation:
    """The row, if it is still the worker's own. Raises LostLease."""
    rows = Cancellation.objects.select_related("list", "batch")
    found = rows.filter(id=job.id, fence=job.fence).first()
    if found is None:
        raise jobs.LostLease
    return found


def _next(job: Cancellation) -> _Page | None:
    """The next codes to look at, with their lists' counters locked; None if there are no more."""
    if job.list is None:
        return _next_named(job)
    lists.lock_counter(job.list.id)
    if job.only_handed_out:
        return _next_handed_out(job)
    after = job.at_code
    for batch in _batches(job).filter(number__gte=job.at_batch):
        after = after if batch.number == job.at_batch else ""
        if seen := selecting.of_batch(batch.id, after, STEP):
            place = {"at_batch": batch.number, "at_code": seen[-1].value}
            return _Page(seen, len(seen), place)
    return None


def _batches(job: Cancellation) -> QuerySet[Batch]:
    """The batches that were active when it was requested."""
    assert job.list is not None
    return active_batches(job.list, job.batch).filter(finished_at__lte=job.created_at)


def _next_named(job: Cancellation) -> _Page | None:
    values = job.named[job.looked_at : job.looked_at + STEP]
    if not values:
        return None
    lock_lists_of(values)
    return _Page(selecting.named(values), len(values), {})


def lock_lists_of(values: Sequence[str]) -> None:
    """Lock the counters of the lists of these codes, in the order in which claims lock them."""
    for (list_id,) in sorted(select(_LISTS_OF, values)):
        lists.lock_counter(list_id)


def _next_handed_out(job: Cancellation) -> _Page | None:
    """The next codes that were handed out. They may be few, so they are found by their handouts."""
    behind = Handout.objects.filter(list=job.list_id, code__gt=job.at_code).order_by("code")
    values = list(behind.values_list("code", flat=True)[:STEP])
    if not values:
        return None
    chosen = set(_batches(job).values_list("id", flat=True))
    seen = [one for one in selecting.named(values) if one.batch_id in chosen]
    return _Page(seen, len(seen), {"at_code": values[-1]})


def _finish(job: Cancellation, now: datetime) -> Cancellation:
    jobs.write(job, status="active", finished_at=now, looked_at=F("quantity"))
    done = current(job)
    after = {"cancelled": done.cancelled, "left": done.left}
    audit.record("worker", "cancellation.finished", done.public_id, after=after, at=now)
    return done


def _cancel(job: Cancellation, chosen: Sequence[Seen], facts: Facts, now: datetime) -> int:
    """Cancel the chosen codes and return how many were cancelled. Their lists' counters are
    locked."""
    values = [one.value for one in chosen]
    at = connection.ops.adapt_datetimefield_value(now)
    done = {value for (value,) in select(_CANCEL, values, at)}
    done -= _given_meanwhile(job, done)
    cancelled = [one for one in chosen if one.value in done]
    before = count(cancelled, +1)
    insert_each(_NOTE, [one.value for one in cancelled], job.id, False, now)
    _tell(job, cancelled, facts, before, now)
    return len(cancelled)


def _given_meanwhile(job: Cancellation, cancelled: set[str]) -> set[str]:
    """Codes that were handed out just before they were cancelled, because handing out does not
    wait for the list's counter. They are left as they are if only others are meant."""
    if job.only_handed_out is not False or job.list_id is None:
        return set()
    given = handed_out.were_handed_out(job.list_id, sorted(cancelled))
    Code.objects.filter(value__in=given).update(cancelled_at=None)
    return given


def count(changed: Sequence[Seen], sign: int) -> dict[int, ListCounter]:
    """Change the counters of cancelled codes, by adding or subtracting. Returns the lists'
    counters as they were; they must be locked."""
    counters = {}
    of_batches = Counter(one.batch_id for one in changed if one.batch_id is not None)
    for batch_id, number in sorted(of_batches.items()):
        Batch.objects.filter(id=batch_id).update(cancelled=F("cancelled") + sign * number)
    of_lists: dict[int, list[str]] = defaultdict(list)
    for one in changed:
        if one.batch_active:
            of_lists[one.list_id].append(one.value)
    for list_id, values in of_lists.items():
        counters[list_id] = ListCounter.objects.get(list=list_id)
        given = len(handed_out.were_handed_out(list_id, values))
        ListCounter.objects.filter(list=list_id).update(
            cancelled=F("cancelled") + sign * len(values),
            handed_out_gone=F("handed_out_gone") + sign * given,
        )
    return counters


def _want_too(job: Cancellation, values: Sequence[str], now: datetime) -> None:
    """Note that this cancellation wants these codes cancelled too, so that they stay cancelled
    if only the other one is undone."""
    found = select(_WANTED_BY_OTHERS, values)
    insert_each(_NOTE, [value for (value,) in found], job.id, True, now)


def _tell(
    job: Cancellation,
    cancelled: Sequence[Seen],
    facts: Facts,
    before: dict[int, ListCounter],
    now: datetime,
) -> None:
    """Queue an event for each code, and the events of limits that the lists have reached."""
    to = events.listening()
    if to.to(Event.CODE_CANCELLED):
        events.record_all([_fact(one, job, facts[one.list_id], now) for one in cancelled], to)
    for list_id, counter in before.items():
        after = ListCounter.objects.get(list=list_id)
        stock = events.stock_of(counter, facts[list_id].type)
        gone = {"cancelled": after.cancelled, "handed_out_gone": after.handed_out_gone}
        events.record_news(list_id, stock, replace(stock, **gone), now)


def _fact(one: Seen, job: Cancellation, facts: ListFacts, now: datetime) -> Fact:
    told = {
        "code": facts.show(one.value, one.typed),
        "list": facts.public_id,
        "batch": one.batch_id and ids.public(Batch.PREFIX, one.batch_id),
        "cancelled_at": rfc3339(now),
        "reason": job.reason,
        "cancellation": job.public_id,
    }
    return Fact(Event.CODE_CANCELLED, one.list_id, told, now)
