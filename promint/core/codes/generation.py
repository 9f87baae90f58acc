"""The codes of a batch, stored chunk by chunk, each in a transaction of its own.

The unique index is the check: what collides is left out and made anew, so a batch holds exactly as
many codes as asked.
"""

from django.db.models import F

from promint.core import failpoints, lists
from promint.core.codes import batches
from promint.core.codes.loading import load
from promint.core.models import Batch
from promint.core.storage import durable, jobs


@durable
def store(batch: Batch, values: list[str]) -> int:
    """Load sorted canonical codes, leaving out those that exist; how many were new.

    Raises LostLease when another worker has the batch.
    """
    return _store(batch, values)


def _store(batch: Batch, values: list[str]) -> int:
    added = len(values) - len(load(batch, values))
    failpoints.reach("generation.in_chunk")
    jobs.write(batch, created=F("created") + added)
    return added


@durable
def finish(batch: Batch, values: list[str]) -> bool:
    """Store the last of its codes and make the batch active, both or neither; whether it is.

    Raises LostLease when another worker has the batch.
    """
    lists.lock_counter(batch.list_id)  # before the batch's row, as everywhere
    is_whole = batch.created + _store(batch, values) == batch.quantity
    if is_whole:
        batches.activate(batch)
    return is_whole
