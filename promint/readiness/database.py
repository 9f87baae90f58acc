"""The database: its version, whether it is migrated, and what this user may do there. Nothing is
written to find out."""

import os
import sqlite3
from pathlib import Path

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from promint.core.storage import POOLER_WORD, on_postgresql, why_not_whole
from promint.readiness.file_systems import is_shared, kind_of
from promint.readiness.remark import Remark, fine, not_fine, warning

LEAST_POSTGRESQL = 15
NEEDED = ["SELECT", "INSERT", "UPDATE", "DELETE"]
SHOWN = 3  # tables in a line

_ROLE = (
    "Pages may read slowly, because a pooler keeps no settings outside of transactions: ALTER ROLE"
    " {user} SET enable_bitmapscan = off; ALTER ROLE {user} SET jit = off."
)
_SERVER = """
    SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
        current_setting('transaction_read_only'), current_setting('plan_cache_mode'),
        current_schema(), has_schema_privilege(current_schema(), 'CREATE'),
        current_user,
        current_setting('enable_bitmapscan') = 'off' AND current_setting('jit') = 'off'
"""
_WITHHELD = """
    SELECT t.relname, string_agg(p, ', ' ORDER BY p)
    FROM pg_class t CROSS JOIN unnest(%s::text[]) p
    WHERE t.relnamespace = to_regnamespace(quote_ident(current_schema()))
        AND t.relname = ANY(%s::text[]) AND NOT has_table_privilege(t.oid, p)
    GROUP BY t.relname ORDER BY t.relname
"""


def look() -> list[Remark]:
    if not on_postgresql() and (unusable := _of_file(Path(connection.settings_dict["NAME"]))):
        return unusable
    try:
        connection.ensure_connection()
        remarks = _of_server() if on_postgresql() else []
        remarks = remarks or [*_migrated()]
    except Error as error:
        return [not_fine(f"The database cannot be used: {error}")]
    return remarks or [fine(f"{_version()}, migrated, and all that is needed is allowed there.")]


def _version() -> str:
    if not on_postgresql():
        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"


def _migrated() -> list[Remark]:
    if why := why_not_whole():
        return [not_fine(why)]
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return []
    return [not_fine(f"{_version()}, but it is not up to date: run promint migrate.")]


def _of_server() -> list[Remark]:
    """What is wrong with a PostgreSQL server."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVER)
        number, encoding, read_only, plans, schema, may_create, user, planned = cursor.fetchone()
    found = []
    if number // 10_000 < LEAST_POSTGRESQL:
        found.append(f"{_version()} is too old: use {LEAST_POSTGRESQL} or later.")
    if encoding != "UTF8":
        found.append(f"Its encoding is {encoding}: create it with --encoding UTF8.")
    if read_only == "on":
        found.append("It takes no changes: connect to the primary server, not to a standby.")
    pooled = connection.settings_dict["POOLED"]
    if plans != "force_custom_plan" and not pooled:
        found.append(f"A pooler drops Promint's session settings. {POOLER_WORD}")
    if schema is None:
        found.append(f"{user} can use no schema: GRANT USAGE, CREATE ON SCHEMA public TO {user}.")
    elif not may_create:
        found.append(f"{user} may create nothing: GRANT CREATE ON SCHEMA {schema} TO {user}.")
    remarks = [not_fine(said) for said in [*found, *_withheld(user)]]
    if pooled and not planned:
        remarks.append(warning(_ROLE.format(user=user)))
    return remarks


def _withheld(user: str) -> list[str]:
    names = [*connection.introspection.django_table_names(), "django_migrations"]
    with connection.cursor() as cursor:
        cursor.execute(_WITHHELD, [NEEDED, names])
        missing = cursor.fetchall()
    if not missing:
        return []
    shown = "; ".join(f"{privileges} on {table}" for table, privileges in missing[:SHOWN])
    more = f"; and on {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    return [f"{user} lacks {shown}{more}: GRANT it, or let {user} own the tables."]


def _of_file(file: Path) -> list[Remark]:
    """Why SQLite's file cannot be used. It is not opened if it is missing: that would make it."""
    directory = file.parent
    if not os.access(directory, os.W_OK | os.X_OK):
        said = f"{directory} is not there or not writable, and SQLite writes a journal in it"
        return [not_fine(f"{said}: let it belong to the user who runs Promint.")]
    if is_shared(kind := kind_of(directory)):
        said = f"{directory} is on a network file system ({kind}), where SQLite's locks do not work"
        return [not_fine(f"{said}: use a local disk.")]
    if not file.exists():
        return [not_fine(f"{file} is not there yet: run promint migrate.")]
    if not os.access(file, os.R_OK | os.W_OK):
        return [not_fine(f"{file} is not writable: let it belong to the user who runs Promint.")]
    return []
