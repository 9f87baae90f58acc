"""One step of the undo of a cancellation in bulk: many of its codes in one transaction, with the
same locks as for cancelling them.

A code is available again if no other cancellation wants it cancelled: none in bulk that was not
undone, and none of the single code since.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from promint.core import audit, failpoints
from promint.core.codes import selecting
from promint.core.codes.cancelling import STEP, count, current, lock_lists_of
from promint.core.codes.selecting import Seen
from promint.core.codes.stock import became_free
from promint.core.models import Cancellation, CancelledCode
from promint.core.storage import database_now, durable, jobs, select

_WANTED_BY_OTHERS = (
    "SELECT DISTINCT code FROM core_cancelledcode"
    " WHERE (kept OR (undone_at IS NULL AND cancellation_id <> %s)) AND code IN {values}"
)
_FREE = (
    "UPDATE core_code SET cancelled_at = NULL"
    " WHERE cancelled_at IS NOT NULL AND value IN {values} RETURNING value"
)


@durable
def step(job: Cancellation) -> Cancellation:
    """Make the next codes available again, and return the row as it is then. Raises LostLease."""
    now = database_now()
    own = CancelledCode.objects.filter(cancellation=job.id, code__gt=job.undo_at_code)
    values = list(own.order_by("code").values_list("code", flat=True)[:STEP])
    if not values:
        return _finish(job, now)
    lock_lists_of(values)
    freed = _free(job, values)
    _note(job, values, {one.value for one in freed}, now)
    failpoints.reach("undoing.in_step")
    kept = len(values) - len(freed)
    jobs.write(job, freed=F("freed") + len(freed), kept=F("kept") + kept, undo_at_code=values[-1])
    return current(job)


def _note(job: Cancellation, values: Sequence[str], freed: set[str], now: datetime) -> None:
    """Each row is written once, which is what the undo takes longest for."""
    for is_free in (True, False):
        if wanted := [value for value in values if (value in freed) is is_free]:
            rows = CancelledCode.objects.filter(cancellation=job.id, code__in=wanted)
            rows.update(undone_at=now, freed=is_free)


def _free(job: Cancellation, values: Sequence[str]) -> list[Seen]:
    """Make those codes available that may be, and return them."""
    others = {code for (code,) in select(_WANTED_BY_OTHERS, values, job.id)}
    free = {value for (value,) in select(_FREE, [one for one in values if one not in others])}
    freed = [one for one in selecting.named(values) if one.value in free]
    count(freed, -1)
    of_batches: dict[int, list[str]] = defaultdict(list)
    for one in freed:
        if one.batch_id is not None:
            of_batches[one.batch_id].append(one.value)
    for batch_id in sorted(of_batches):
        became_free(batch_id, of_batches[batch_id])
    return freed


def _finish(job: Cancellation, now: datetime) -> Cancellation:
    jobs.write(job, status="active", undone_at=now)
    done = current(job)
    after = {"available_again": done.freed, "kept": done.kept}
    audit.record("worker", "cancellation.undone", done.public_id, after=after, at=now)
    return done
