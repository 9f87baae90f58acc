"""Uploads: a file of codes that were made elsewhere becomes a batch. Every row is accounted for.
The package also stores, looks at and reads any other file that people send."""

from promint.core.uploads.files import (
    Sent,
    Staged,
    forget_files,
    is_taken,
    kept_paths,
    let_go,
    look,
    part_path,
    path,
    purge,
    sorted_path,
    stage,
    stage_here,
    staged,
    too_large,
)
from promint.core.uploads.loading import Loader
from promint.core.uploads.looking import (
    READER,
    SECRETS,
    SMALL,
    Wishes,
    decided,
    why_it_ended,
)
from promint.core.uploads.named import Named, named_codes
from promint.core.uploads.open_lines import OpenLines
from promint.core.uploads.previews import preview, preview_staged
from promint.core.uploads.uploads import (
    REASONS,
    enter,
    note_download,
    pages,
    rejects,
    rejects_csv,
    request,
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
    "Named",
    "OpenLines",
    "Sent",
    "Staged",
    "Wishes",
    "decided",
    "enter",
    "forget_files",
    "is_taken",
    "kept_paths",
    "let_go",
    "look",
    "named_codes",
    "note_download",
    "pages",
    "part_path",
    "path",
    "preview",
    "preview_staged",
    "purge",
    "rejects",
    "rejects_csv",
    "request",
    "sorted_path",
    "stage",
    "stage_here",
    "staged",
    "too_large",
    "understood",
    "understood_staged",
    "was_read",
    "why_it_ended",
]
