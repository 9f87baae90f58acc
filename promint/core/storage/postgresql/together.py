"""Sends many statements to PostgreSQL at once, and waits once for all their results.

The driver's cursors could do that too, but need about ten times as long for each statement, which
is most of what a single claim costs. The statements of claims are few and always the same, so each
is prepared once for a connection.
"""

from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.generators import fetch, send
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

Row = tuple[Any, ...]
Connection = psycopg.Connection[Any]

_FORGET = b"""
DO $$
DECLARE one text;
BEGIN
  FOR one IN SELECT name FROM pg_prepared_statements WHERE starts_with(name, 'promint_') LOOP
    EXECUTE 'DEALLOCATE ' || one;
  END LOOP;
END
$$
"""

_names: WeakKeyDictionary[Connection, dict[str, bytes]] = WeakKeyDictionary()
_numbers = count()


def forget_prepared(connection: Connection) -> None:
    """Let PostgreSQL and this module forget what was prepared on the connection. After a rollback,
    even one to a savepoint, the driver may have done so with PostgreSQL alone; and of statements
    that were prepared just before one failed, the names are not known here. What the driver itself
    has prepared stays."""
    is_open = connection.pgconn.status == ConnStatus.OK
    if _names.pop(connection, None) is not None and is_open:
        connection.pgconn.exec_(_FORGET)


class Together:
    """`add` statements, whose parameters are marked by `%s`, `send` them, then take the `rows` of
    each by its number."""

    def __init__(self) -> None:
        self._statements: list[tuple[str, list[Any]]] = []
        self._rows: list[list[Row]] = []

    def add(self, sql: str, params: list[Any]) -> int:
        self._statements.append((sql, params))
        return len(self._statements) - 1

    def rows(self, number: int) -> list[Row]:
        return self._rows[number]

    def send(self, connection: Connection) -> None:
        """Raises what the first statement that failed raises. None after it was run."""
        if not self._statements:
            return
        # Before anything is sent, because not every value can be written.
        written = [(sql, [_text(value) for value in params]) for sql, params in self._statements]
        connection.pgconn.enter_pipeline_mode()
        try:
            self._rows = connection.wait(_exchange(connection, written))
        finally:
            _leave_pipeline_mode(connection.pgconn)


def _exchange(
    connection: Connection, statements: list[tuple[str, list[bytes | None]]]
) -> PQGen[list[list[Row]]]:
    pgconn = connection.pgconn
    if pgconn.transaction_status == TransactionStatus.IDLE and not connection.autocommit:
        pgconn.send_query_params(b"BEGIN", None)
    is_prepared = connection.prepare_threshold is not None  # a pooler keeps no names
    known = _names.setdefault(connection, {}) if is_prepared else {}
    new = _prepare(pgconn, [sql for sql, _ in statements if is_prepared and sql not in known])
    for sql, params in statements:
        if is_prepared:
            pgconn.send_query_prepared(known.get(sql) or new[sql], params)
        else:
            pgconn.send_query_params(_numbered(sql), params)
    pgconn.pipeline_sync()
    yield from send(pgconn)
    results = yield from _results(pgconn)
    known.update(new)  # only now is it sure that they were prepared
    loaders = Transformer.from_context(connection)
    return [_rows(result, loaders) for result in results[-len(statements) :]]


def _prepare(pgconn: PGconn, unknown: list[str]) -> dict[str, bytes]:
    """Prepare statements, and return their names."""
    new = {sql: b"promint_%d" % next(_numbers) for sql in unknown}
    for sql, name in new.items():
        pgconn.send_prepare(name, _numbered(sql))
    return new


def _leave_pipeline_mode(pgconn: PGconn) -> None:
    if pgconn.status != ConnStatus.OK:
        return
    try:
        pgconn.exit_pipeline_mode()
    except psycopg.OperationalError:  # it was interrupted, and results are still to come
        pgconn.finish()


def _results(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """What came for each thing that was sent."""
    results: list[PGresult] = []
    while True:
        result = yield from fetch(pgconn)
        if result is None:  # between two results
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            break
        results.append(result)
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result, encoding="utf-8")
    return results


def _rows(result: PGresult, loaders: Any) -> list[Row]:
    loaders.set_pgresult(result)
    rows: list[Row] = loaders.load_rows(0, result.ntuples, tuple)
    return rows


@lru_cache(256)
def _numbered(sql: str) -> bytes:
    """The statement with `$1`, `$2`, … as PostgreSQL wants them."""
    first, *others = sql.split("%s")
    return (first + "".join(f"${n}{text}" for n, text in enumerate(others, 1))).encode()


def _text(value: Any) -> bytes | None:
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if "\0" in text:
        raise psycopg.DataError("PostgreSQL's texts cannot contain the character NUL.")
    return text.encode()
