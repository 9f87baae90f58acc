"""Uploads: codes made elsewhere become a batch, row by row accounted for."""

from promint.core.uploads.loading import Loader
from promint.core.uploads.uploads import (
    REASONS,
    part_path,
    path,
    purge,
    rejects,
    request,
    sorted_path,
    was_read,
)

__all__ = [
    "REASONS",
    "Loader",
    "part_path",
    "path",
    "purge",
    "rejects",
    "request",
    "sorted_path",
    "was_read",
]
