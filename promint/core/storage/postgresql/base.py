"""Django's PostgreSQL backend with the session settings that claims rely on, whatever the
server's are."""

from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base

from promint.core.storage.postgresql.together import forget_prepared
from promint.core.storage.vendor import POOLER_WORD

# Custom plans: a plan that was made while a table was empty would read all of it when it is full.
# No bitmap scans: until a new batch is analyzed, they would sort all of it for each page. A process
# that is frozen in a transaction holds its locks for 3 s, which is less than others wait for a
# lock. A process whose machine is lost holds them for 3 s too, and its connection for 25 s.
SESSION = {
    "idle_in_transaction_session_timeout": "3s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "lock_timeout": "5s",
    "synchronous_commit": "on",
    "jit": "off",
    "plan_cache_mode": "force_custom_plan",
    "enable_bitmapscan": "off",
    "timezone": "UTC",
}
OPTIONS = {
    "server_side_binding": True,
    "prepare_threshold": 3,
    "connect_timeout": 5,  # seconds
    "application_name": "promint",
    "tcp_user_timeout": 15_000,  # ms
    "target_session_attrs": "read-write",  # of several servers the one that takes claims
}
# Behind a pooler the role may have a limit for reading, which is not for transactions; and prepared
# statements would be in another session.
_POOLED_SESSION = SESSION | {"statement_timeout": "0"}
POOLED_OPTIONS = OPTIONS | {"prepare_threshold": None}
_OF_A_SESSION = {"tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"}


# What PgBouncer answers to somebody who wants settings for a session.
_REFUSED_BY_POOLER = "unsupported startup parameter: options"

# The state of the warning that waiting for a standby server was cancelled.
_COMMITTED_HERE_ONLY = "01000"


class NotReplicated(OperationalError):
    """The transaction is committed on this server, but perhaps on no standby server, because its
    waiting was cancelled. A failover may lose it."""


class DatabaseWrapper(base.DatabaseWrapper):
    """With a pooler between (`POOLED`), each transaction may run in another session. Then the
    settings are made for one transaction at a time, at its beginning."""

    lock_timeout = ""  # how long this connection waits for a lock; empty: as SESSION says
    _warned_of: str | None = None  # the state of the last warning since the commit began

    def __init__(self, settings_dict: dict[str, Any], *more: Any, **named: Any) -> None:
        self.pooled = bool(settings_dict.get("POOLED"))
        options = POOLED_OPTIONS if self.pooled else OPTIONS
        settings_dict["OPTIONS"] = options | settings_dict["OPTIONS"]
        settings_dict.setdefault("SESSION", dict(_POOLED_SESSION if self.pooled else SESSION))
        if self.pooled:
            settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = True
        super().__init__(settings_dict, *more, **named)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if not self.pooled:
            params["options"] = " ".join(f"-c {name}={value}" for name, value in self._session())
        return params

    def _session(self) -> Iterator[tuple[str, str]]:
        for name, value in self.settings_dict["SESSION"].items():
            yield name, self.lock_timeout or value if name == "lock_timeout" else value

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # as _commit
        if self.pooled and not autocommit:
            self._make_settings()

    def _make_settings(self) -> None:
        """Begin the transaction with settings that end with it. Unlike a SELECT, they leave open
        how isolated it is."""
        made = [pair for pair in self._session() if pair[0] not in _OF_A_SESSION]
        with self.wrap_database_errors:
            self.connection.execute("; ".join(f"SET LOCAL {name} = '{to}'" for name, to in made))

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            if _REFUSED_BY_POOLER in str(error):
                raise psycopg.OperationalError(f"A pooler answers. {POOLER_WORD}") from error
            raise
        connection.add_notice_handler(self._note)
        return connection

    def _note(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warned_of = notice.sqlstate

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        if self.connection is not None:
            forget_prepared(self.connection)

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        forget_prepared(self.connection)

    def _commit(self) -> None:
        self._warned_of = None
        super()._commit()  # type: ignore[misc]  # the stubs have no private methods
        if self._warned_of == _COMMITTED_HERE_ONLY:
            raise NotReplicated("Waiting for the standby server was cancelled during the commit.")
