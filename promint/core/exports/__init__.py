"""Exports: the codes of a batch or a list as a file."""

from promint.core.exports.exports import (
    CLAIMS,
    Only,
    download,
    expires_at,
    fail,
    file_name,
    find,
    kept,
    kept_paths,
    path,
    purge,
    request_batch,
    request_claims,
    request_list,
    waiting,
)
from promint.core.exports.files import XlsTable
from promint.core.exports.printing import (
    Wanted,
    leads_to,
    print_batch,
    print_codes,
    print_list,
)
from promint.core.exports.xlsx import XlsxTable

__all__ = [
    "CLAIMS",
    "Only",
    "Wanted",
    "XlsTable",
    "XlsxTable",
    "download",
    "expires_at",
    "fail",
    "file_name",
    "find",
    "kept",
    "kept_paths",
    "leads_to",
    "making",
    "path",
    "print_batch",
    "print_codes",
    "print_list",
    "purge",
    "request_batch",
    "request_claims",
    "request_list",
    "waiting",
]
