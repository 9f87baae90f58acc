"""."""

from promint.core.codes.codes import CodeState, cancel, exists, find, of_batch, states
from promint.core.codes.generation import Generator
from promint.core.codes.loading import CHUNK, PAUSE, load

__all__ = [
    "CHUNK",
    "PAUSE",
    "CodeState",
    "Generator",
    "batches",
    "cancel",
    "exists",
    "find",
    "load",
    "of_batch",
    "states",
]
