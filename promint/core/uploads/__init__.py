"""Uploads: codes made elsewhere become a batch, row by row accounted for."""

from promint.core.uploads.loading import Loader
from promint.core.uploads.looking import READER, SECRETS, SMALL, Wishes, look, why_it_ended
from promint.core.uploads.uploads import (
    REASONS,
    enter,
    note_download,
    part_path,
    path,
    preview,
    purge,
    rejects,
    request,
    sorted_path,
    stage,
    staged,
    take,
    too_large,
    understood,
    was_read,
)

__all__ = [
    "READER",
    "REASONS",
    "SECRETS",
    "SMALL",
    "Loader",
    "Wishes",
    "enter",
    "look",
    "note_download",
    "part_path",
    "path",
    "preview",
    "purge",
    "rejects",
    "request",
    "sorted_path",
    "stage",
    "staged",
    "take",
    "too_large",
    "understood",
    "was_read",
    "why_it_ended",
]
