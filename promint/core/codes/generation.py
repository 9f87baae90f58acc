"""Stores the codes of a batch in chunks, each in a transaction of its own.

The unique index does the checking: codes that exist already are left out and others are made
instead, so a batch has exactly as many codes as were asked for.
"""

from django.db.models import F

from promint.core import failpoints, lists
from promint.core.codes import batches
from promint.core.codes.loading import load
from promint.core.models import Batch
from promint.core.storage import durable, jobs


@durable
def store(batch: Batch, values: list[str]) -> int:
    """Load sorted canonical codes, except those that exist, and return how many were new.

    Raises LostLease if another worker has taken the batch.
    """
    return _store(batch, values)


def _store(batch: Batch, values: list[str]) -> int:
    added = len(values) - len(load(batch, values))
    failpoints.reach("generation.in_chunk")
    jobs.write(batch, created=F("created") + added)
    return added


@durable
def finish(batch: Batch, values: list[str]) -> bool:
    """Store the last codes of the batch and make it active, both or neither. Returns whether it is
    active.

    Raises LostLease if another worker has taken the batch.
    """
    lists.lock_counter(batch.list_id)  # before the batch's row, as everywhere
    is_whole = batch.created + _store(batch, values) == batch.quantity
    if is_whole:
        batches.activate(batch)
    return is_whole
