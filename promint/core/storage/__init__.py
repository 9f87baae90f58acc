"""How facts reach the disk, on SQLite and on PostgreSQL: transactions, rows, jobs, files."""

from promint.core.storage.clock import database_now
from promint.core.storage.fields import KeyText, choices_of, empty
from promint.core.storage.identified import Identified
from promint.core.storage.rows import Insert, moment, select, select_pairs
from promint.core.storage.transactions import (
    Busy,
    HeldUp,
    OutcomeUnknown,
    durable,
    hold,
    is_joined,
    joined,
    wait_for_locks,
)
from promint.core.storage.vendor import on_postgresql, vendor

__all__ = [
    "Busy",
    "HeldUp",
    "Identified",
    "Insert",
    "KeyText",
    "OutcomeUnknown",
    "choices_of",
    "database_now",
    "durable",
    "empty",
    "hold",
    "is_joined",
    "jobs",
    "joined",
    "moment",
    "on_postgresql",
    "sealed",
    "select",
    "select_pairs",
    "stored_files",
    "vendor",
    "wait_for_locks",
]
