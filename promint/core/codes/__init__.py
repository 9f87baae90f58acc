"""Codes and their batches: made, loaded, found, cancelled."""

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
from promint.core.codes.loading import load
from promint.core.codes.reversals import standing, taking, with_reversals

__all__ = [
    "CodeState",
    "batches",
    "cancel",
    "existing",
    "exists",
    "find",
    "generation",
    "known",
    "load",
    "of_batch",
    "read_in_bulk",
    "standing",
    "states",
    "taking",
    "with_reversals",
]
