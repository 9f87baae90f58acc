"""Uploads: a file of codes that were made elsewhere becomes a batch. Every row is accounted for."""

from promint.core.uploads.loading import Loader
from promint.core.uploads.looking import READER, SECRETS, SMALL, Wishes, look, why_it_ended
from promint.core.uploads.previews import preview, preview_staged
from promint.core.uploads.uploads import (
    REASONS,
    Staged,
    enter,
    note_download,
    part_path,
    path,
    purge,
    rejects,
    request,
    sorted_path,
    stage,
    staged,
    too_large,
    understood,
    understood_staged,
    was_read,
)

__all__ = [
    "READER",
    "REASONS",
    "SECRETS",
    "SMALL",
    "Loader",
    "Staged",
    "Wishes",
    "enter",
    "look",
    "note_download",
    "part_path",
    "path",
    "preview",
    "preview_staged",
    "purge",
    "rejects",
    "request",
    "sorted_path",
    "stage",
    "staged",
    "too_large",
    "understood",
    "understood_staged",
    "was_read",
    "why_it_ended",
]
