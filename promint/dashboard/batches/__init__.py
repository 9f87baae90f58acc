"""Generating and uploading codes, and the batch log."""

from promint.dashboard.batches.code_space import CodeSpace, in_words
from promint.dashboard.batches.upload_form import UploadForm

__all__ = ["CodeSpace", "UploadForm", "check", "generate", "in_words", "log", "upload"]
