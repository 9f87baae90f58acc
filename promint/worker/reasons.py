"""Why something failed, in sentences for people. The error's own message is only for the log: it
can quote a code or a statement of the database, and does not say what a person could do."""

import errno
import os
import re

from django.db import Error as DatabaseError

_OF_FILES = {
    errno.ENOSPC: "The disk is full. Make room on it, then try again.",
    errno.EDQUOT: "The disk's quota is used up. Make room on it, then try again.",
    errno.EROFS: "The disk takes no changes any more. Repair it, then try again.",
}
_OF_THE_DATABASE = (
    "The database refused a step, for which its log and Promint's give the reason."
    " Nothing that was there is lost. Try again."
)
_OUT_OF_MEMORY = "The machine has too little free memory for it. Try again later."
_A_DEFECT = "It stopped because of an error in Promint, which the log describes. Try again."
_NOTES = re.compile(r"\[[^\[\]]*\]|\([\w.]+:\d+\)")  # numbers of errors, places in source files


def of_job(error: BaseException) -> str:
    if isinstance(error, OSError):
        said = f"A file could not be read or written: {os.strerror(error.errno or 0)}."
        return _OF_FILES.get(error.errno or 0, said)
    if isinstance(error, DatabaseError):
        return _OF_THE_DATABASE
    return _OUT_OF_MEMORY if isinstance(error, MemoryError) else _A_DEFECT


def of_connection(error: Exception) -> str:
    """A few words about why another server was not reached, without numbers and names of source
    files, as long as fits into the column."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    words = " ".join(_NOTES.sub(" ", said).split())[:300].strip(" :.")
    return words[:1].lower() + words[1:] if words else "the connection broke"
