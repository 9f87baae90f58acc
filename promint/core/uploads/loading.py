"""Loads the rows of an upload in chunks.

Each row becomes a code or a rejected row, once: both are written in the transaction that counts
them, and the counts say where to continue.
"""

import time
from collections import Counter
from collections.abc import Sequence

from promint.core import failpoints, lists
from promint.core.codes import batches, load
from promint.core.models import Batch
from promint.core.reading import Row
from promint.core.rules import BatchStatus
from promint.core.storage import Insert, durable, jobs, vendor
from promint.core.uploads import uploads
from promint.core.uploads.files import forget_files
from promint.core.uploads.open_lines import OpenLines

TURN = 0.5  # seconds of work on one batch before others follow

_REJECT = Insert(
    "core_rejectedrow",
    {"batch_id": "bigint", "sheet": "int", "row": "int", "value": "text", "reason": "text"},
)


class Loader:
    def __init__(self) -> None:
        self._lines = OpenLines()

    def work(self, batch: Batch) -> None:
        """Load for a while. Raises LostLease, Busy or OutcomeUnknown."""
        ends = time.monotonic() + TURN
        while batch.status == BatchStatus.PENDING and time.monotonic() < ends:
            done = batch.created + batch.rejected
            batch = store(batch, self._lines.following(batch, done, vendor().chunk))
            failpoints.reach("uploads.after_chunk")
            time.sleep(vendor().pause)
        if batch.status == BatchStatus.PENDING:
            jobs.put_back(batch)
        else:
            self._lines.close(batch)
            forget_files(batch)


@durable
def store(batch: Batch, rows: Sequence[Row]) -> Batch:
    """Store the next rows of the sorted upload and return the batch as it is then. Raises
    LostLease.

    Of equal codes, the first one in the file becomes a code, unless the code existed before.
    """
    done = batch.created + batch.rejected + len(rows)
    if done == batch.quantity:
        lists.lock_counter(batch.list_id)  # before the batch's row, as everywhere
    rejected = _load(batch, rows)
    _REJECT.many([(batch.id, r.sheet, r.number, r.typed, why) for r, why in rejected])
    reasons = Counter(batch.reasons) + Counter(why for _, why in rejected)
    failpoints.reach("uploads.in_chunk")
    created = batch.created + len(rows) - len(rejected)
    jobs.write(
        batch,
        created=created,
        rejected=batch.rejected + len(rejected),
        reasons=dict(reasons),
        account=batch.account | {"counts": dict(reasons)},
    )
    if done == batch.quantity and created:
        batches.activate(batch)
    elif done == batch.quantity:
        batches.set_failed(batch, uploads.why_no_codes(reasons, done))
    return Batch.objects.select_related("list").get(id=batch.id)


def _load(batch: Batch, rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Load the rows. Returns those that did not become codes, each with the reason."""
    first: dict[str, Row] = {}
    for row in rows:
        if row.value:
            first.setdefault(row.value, row)
    typed = {value: row.typed for value, row in first.items() if row.typed != value}
    owners = load(batch, list(first), typed)
    rejected = []
    for row in rows:
        if not row.value:
            rejected.append((row, row.reason))
        elif row.value in owners and owners[row.value] != batch.id:
            rejected.append((row, "code_exists"))
        elif row.value in owners or first[row.value] is not row:
            rejected.append((row, "duplicate_in_file"))
    return rejected
