"""Hands out codes to the rows of a file, many at a time.

The codes are committed first, and each handout names its file. Then the rows that have a code are
written in the transaction that counts them. If the worker is killed between the two, the next one
finds who has a code by this file, and hands out no second one.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from promint.core import failpoints, lists
from promint.core.codes import HandoutState, handouts
from promint.core.models import BulkHandout
from promint.core.reading import Row
from promint.core.rules import BatchStatus, Refused
from promint.core.storage import Insert, database_now, durable, jobs, vendor
from promint.core.uploads import OpenLines, forget_files

TURN = 0.5  # seconds of work on one file before others follow
CHUNK = 1_000  # rows; claims and single handouts never wait for more than these

_ROWS = Insert(
    "core_bulkhandoutrow",
    {
        "bulk_id": "bigint",
        "sheet": "int",
        "row": "int",
        "value": "text",
        "code": "text",
        "reason": "text",
    },
)
Served = HandoutState | Refused


class Giver:
    def __init__(self) -> None:
        self._lines = OpenLines()

    def work(self, bulk: BulkHandout) -> None:
        """Hand out for a while. Raises LostLease, Busy or OutcomeUnknown."""
        ends = time.monotonic() + TURN
        while bulk.status == BatchStatus.PENDING and time.monotonic() < ends:
            done = bulk.handed_out + bulk.rejected
            rows = self._lines.following(bulk, done, CHUNK)
            served = serve(bulk, [row.value for row in rows if row.value])
            failpoints.reach("bulk_handouts.before_rows")
            bulk = store(bulk, rows, served)
            failpoints.reach("bulk_handouts.after_chunk")
            time.sleep(vendor().pause)
        if bulk.status == BatchStatus.PENDING:
            jobs.put_back(bulk)
        else:
            self._lines.close(bulk)
            forget_files(bulk)


def serve(bulk: BulkHandout, recipients: Sequence[str]) -> Mapping[str, Served]:
    """The code of each recipient, or why there is none."""
    promo_list = lists.by_key(bulk.list_id)
    giving = handouts.giving_of(promo_list, bulk.created_by, bulk.early, bulk.id)
    served = handouts.serve(giving, recipients)
    return {who: one if isinstance(one, Refused) else one[0] for who, one in served.items()}


@durable
def store(bulk: BulkHandout, rows: Sequence[Row], served: Mapping[str, Served]) -> BulkHandout:
    """Store the next rows of the file with their codes, and return the job as it is then. Raises
    LostLease."""
    told = [_row(bulk.id, row, served.get(row.value)) for row in rows]
    _ROWS.many(told)
    failpoints.reach("bulk_handouts.in_rows")
    refused = Counter(reason for *_, reason in told if reason)
    reasons = dict(Counter(bulk.reasons) + refused)
    rejected = bulk.rejected + refused.total()
    handed_out = bulk.handed_out + len(rows) - refused.total()
    ended = (
        {"status": BatchStatus.ACTIVE, "finished_at": database_now()}
        if handed_out + rejected == bulk.quantity
        else {}
    )
    account = bulk.account | {"counts": reasons}
    jobs.write(
        bulk, handed_out=handed_out, rejected=rejected, reasons=reasons, account=account, **ended
    )
    return BulkHandout.objects.get(id=bulk.id)


def _row(bulk_id: int, row: Row, got: Served | None) -> tuple[int, int, int, str, str | None, str]:
    place = bulk_id, row.sheet, row.number
    if got is None:
        return *place, row.typed, None, row.reason
    if isinstance(got, Refused):
        return *place, row.value, None, got.refusal.value
    return *place, row.value, got.handout.code, ""
