"""Handing out in bulk: everyone in a file of recipients gets a code. Every row is accounted for."""

from promint.core.bulk_handouts.bulk import (
    REASONS,
    check_list,
    enter,
    expires_at,
    fail,
    find,
    forget_old,
    of_list,
    preview_staged,
    request,
    understood,
    understood_staged,
    waiting,
)
from promint.core.bulk_handouts.giving import Giver
from promint.core.bulk_handouts.result import download, download_rejects, file_name

__all__ = [
    "REASONS",
    "Giver",
    "check_list",
    "download",
    "download_rejects",
    "enter",
    "expires_at",
    "fail",
    "file_name",
    "find",
    "forget_old",
    "of_list",
    "preview_staged",
    "request",
    "understood",
    "understood_staged",
    "waiting",
]
