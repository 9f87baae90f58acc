"""Generating and uploading codes, and the batch log."""

from promint.dashboard.batches.account import REJECTED
from promint.dashboard.batches.code_space import CodeSpace, in_words
from promint.dashboard.batches.upload_form import (
    FileForm,
    ReadingForm,
    UploadForm,
    file_field,
    pasted_field,
)

__all__ = [
    "REJECTED",
    "CodeSpace",
    "FileForm",
    "ReadingForm",
    "UploadForm",
    "check",
    "file_field",
    "generate",
    "in_words",
    "log",
    "pasted_field",
    "upload",
]
