"""Codes and their batches: generating, loading, finding, handing out, cancelling."""

from promint.core.codes.codes import (
    CodeState,
    cancel,
    existing,
    exists,
    find,
    known,
    of_batch,
    states,
)
from promint.core.codes.given_by_staff import Offered
from promint.core.codes.handed_out import were_handed_out
from promint.core.codes.handouts import HandoutState
from promint.core.codes.loading import load
from promint.core.codes.reversals import standing, taking, with_reversals
from promint.core.codes.stock import became_free

__all__ = [
    "CodeState",
    "HandoutState",
    "Offered",
    "batches",
    "became_free",
    "cancel",
    "cancellations",
    "cancelling",
    "existing",
    "exists",
    "find",
    "generation",
    "given_by_staff",
    "handouts",
    "known",
    "load",
    "of_batch",
    "of_list",
    "read_in_bulk",
    "selecting",
    "stake",
    "standing",
    "states",
    "taking",
    "undoing",
    "were_handed_out",
    "with_reversals",
]
