"""Copies everything into an empty database, of the same or the other kind, in one transaction: it
is there when all rows were read back and are the same, or not at all."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from promint import environment
from promint.core import failpoints
from promint.installation.ended import Ended, Tell
from promint.installation.filling import filling
from promint.installation.serving import nobody_serves, refuse_pooler
from promint.installation.sides import Rows, Side, side
from promint.installation.table import Sum, Table, all_tables


@dataclass(frozen=True)
class Copied:
    table: str
    rows: int


def copy(url: str, tell: Tell) -> list[Copied]:
    """Raises Ended, and BadSetting if the address cannot be used. The doctor has to follow, on
    both."""
    to = _settings_of(url)
    for behind in (connection.settings_dict, to):
        refuse_pooler(behind)
    tables = all_tables()
    connection.close()
    with nobody_serves():
        connection.close()
        _prepare(to, tables, url)
        with filling(to, "copy"):
            source, target = side(settings.DATABASES["default"], tables), side(to, tables)
            with source.reading(), target.filling():
                copied = [_copy(table, source, target, tell) for table in tables]
                failpoints.reach("copy.before_commit")
            source.finish()
            target.finish()
    return copied


def _settings_of(url: str) -> dict[str, Any]:
    try:
        return environment.database(settings.DATA_DIR, url)
    except environment.BadSetting as wrong:
        raise environment.BadSetting(str(wrong).replace("PROMINT_DATABASE_URL", "--to")) from None


def _prepare(to: dict[str, Any], tables: list[Table], url: str) -> None:
    """Bring the tables into being. Raises Ended if there are lists."""
    try:
        with closing(side(to, tables)) as target:
            has_lists = target.has_lists()
    except (psycopg.OperationalError, sqlite3.Error) as error:
        why = str(error).strip().partition("\n")[0]
        raise Ended(f"The database to copy to does not answer. {why}") from None
    if has_lists:
        raise Ended("The database to copy to has lists already. Name an empty one.")
    words = [sys.executable, "-P", "-m", "promint.cli", "migrate"]
    done = subprocess.run(words, env=environment_with(url), capture_output=True, text=True)
    if done.returncode:
        raise Ended(f"The database to copy to cannot be prepared. {done.stderr.strip()}")


def environment_with(url: str) -> dict[str, str]:
    """The environment of a Promint on the other database."""
    return {**os.environ, "PROMINT_DATABASE_URL": url}


def _copy(table: Table, source: Side, target: Side, tell: Tell) -> Copied:
    """Copy the rows and read them back. Raises Ended if they are not the same."""
    sent = Sum(table)
    target.write(table, _summed(source.rows(table), sent, f"Copying {table.name}", tell))
    if table.numbered and (last := source.counted_to(table)):
        target.count_on(table, last)
    failpoints.reach(f"copy.{table.name}")
    arrived = Sum(table)
    for _ in _summed(target.rows(table), arrived, f"Comparing {table.name}", tell, sent.rows):
        pass
    if sent != arrived:
        raise Ended(
            f"{table.name}: {sent.rows:,} rows were sent, {arrived.rows:,} are there, and they are"
            " not the same. Nothing is kept of the copy."
        )
    return Copied(table.name, sent.rows)


def _summed(
    chunks: Iterable[Rows], into: Sum, what: str, tell: Tell, of: int = 0
) -> Iterator[Rows]:
    for rows in chunks:
        into.add(rows)
        tell(what, into.rows, of)
        yield rows
