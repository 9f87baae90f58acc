"""How facts reach the disk, on SQLite and on PostgreSQL: transactions, rows, jobs, files."""

from promint.core.storage.clock import ask_now, database_now
from promint.core.storage.fields import KeyText, choices_of, empty
from promint.core.storage.identified import Identified
from promint.core.storage.rows import (
    Asked,
    Insert,
    Row,
    ask,
    ask_pairs,
    keep_plans,
    moment,
    select,
    sent_together,
)
from promint.core.storage.transactions import (
    Busy,
    HeldUp,
    OutcomeUnknown,
    confirm_what_was_read,
    durable,
    hold,
    is_joined,
    joined,
    wait_for_locks,
)
from promint.core.storage.vendor import on_postgresql, vendor

__all__ = [
    "Asked",
    "Busy",
    "HeldUp",
    "Identified",
    "Insert",
    "KeyText",
    "OutcomeUnknown",
    "Row",
    "ask",
    "ask_now",
    "ask_pairs",
    "choices_of",
    "confirm_what_was_read",
    "database_now",
    "durable",
    "empty",
    "hold",
    "is_joined",
    "jobs",
    "joined",
    "keep_plans",
    "moment",
    "on_postgresql",
    "sealed",
    "select",
    "sent_together",
    "stored_files",
    "vendor",
    "wait_for_locks",
]
