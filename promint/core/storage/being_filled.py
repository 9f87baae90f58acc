"""The mark of a PostgreSQL database that `promint restore` or `promint copy` fills.

It is an empty table of its own, whose comment names the command. It is there before anything is
changed, and removed when everything has arrived. Meanwhile the command holds a lock, which ends
with its connection. So a mark without the lock was left by a command that was killed.

SQLite needs none: a restored file gets its name when it is whole, a copy is one transaction, and a
lock of the file beside the database keeps others from serving.
"""

from django.db import connection

from promint.core.storage.vendor import on_postgresql

MARK = "promint_being_filled"
SCHEMA_LOCK = 0x70726F6D696E74  # held by whoever changes the tables: migrate, restore, copy

_LOOK = """
SELECT obj_description(oid, 'pg_class'), EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32) | objid::bigint = %s
)
FROM pg_class WHERE oid = to_regclass(%s)
"""


def why_not_whole() -> str:
    """Why nobody may use this database now; empty if everybody may."""
    if not on_postgresql():
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [SCHEMA_LOCK, MARK])
        found = cursor.fetchone()
    if found is None:
        return ""
    command, is_alive = found
    if is_alive:
        return f"{command} fills this database. Start when it is done."
    return (
        f"{command} was interrupted, and this database is not whole. Run the command again. If it"
        " refuses, or to begin without it, drop the database and create it anew."
    )
