"""Where the two databases differ: in their SQL, and in how much they are given at a time."""

from dataclasses import dataclass
from functools import cache

from django.db import connection

# What to do when something between Promint and PostgreSQL refuses or drops settings of a session.
POOLER_WORD = "Connect to PostgreSQL itself, or add ?pooler=transaction to PROMINT_DATABASE_URL."


@dataclass(frozen=True)
class Vendor:
    in_values: str  # SQL for "one of these", the values being one parameter
    in_pairs: str
    rows_of_values: str  # SQL for rows with a column "value", the values being one parameter
    for_update: str
    for_key_share: str  # no one else takes the row for update; claims may still be inserted
    for_update_skipping: str  # rows that others have locked are left out
    chunk: int  # codes in one transaction
    pause: float  # seconds between chunks, in which claims get the lock
    loading: int  # connections that load codes at a time
    export_step: int  # codes read at a time


_POSTGRESQL = Vendor(
    in_values="= ANY(%s)",
    in_pairs="IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
    rows_of_values="unnest(%s::text[]) AS wanted(value)",
    for_update=" FOR UPDATE",
    for_key_share=" FOR KEY SHARE",
    for_update_skipping=" FOR UPDATE OF c SKIP LOCKED",
    chunk=20_000,
    pause=0.0,
    loading=2,
    export_step=20_000,
)
_SQLITE = Vendor(
    in_values="IN (SELECT value FROM json_each(%s))",
    in_pairs="IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]')"
    " FROM json_each(%s))",
    rows_of_values="json_each(%s)",
    for_update="",  # SQLite has one writer at a time, and this transaction is it
    for_key_share="",
    for_update_skipping="",
    chunk=20_000,
    pause=0.005,
    loading=1,
    export_step=10_000,
)


@cache  # asked very often, and Django takes a while to tell
def on_postgresql() -> bool:
    return connection.vendor == "postgresql"


def vendor() -> Vendor:
    return _POSTGRESQL if on_postgresql() else _SQLITE
