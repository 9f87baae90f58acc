"""Django's PostgreSQL backend with the session settings that claims rely on, whatever the
server's are."""

from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base

# Custom plans: a plan that was made while a table was empty would read all of it when it is full.
# No bitmap scans: until a new batch is analyzed, they would sort all of it for each page. A process
# that is frozen in a transaction holds its locks for 3 s, which is less than others wait for a
# lock. A process whose machine is lost holds them for 3 s too, and its connection for 25 s.
SESSION = (
    "-c idle_in_transaction_session_timeout=3s -c tcp_keepalives_idle=10"
    " -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    " -c lock_timeout=5s -c synchronous_commit=on -c jit=off"
    " -c plan_cache_mode=force_custom_plan -c enable_bitmapscan=off -c timezone=UTC"
)
OPTIONS = {
    "server_side_binding": True,
    "prepare_threshold": 3,
    "connect_timeout": 5,  # seconds
    "application_name": "promint",
    "tcp_user_timeout": 15_000,  # ms
    "target_session_attrs": "read-write",  # of several servers the one that takes claims
    "options": SESSION,
}


# The state of the warning that waiting for a standby server was cancelled.
_COMMITTED_HERE_ONLY = "01000"


class NotReplicated(OperationalError):
    """The transaction is committed on this server, but perhaps on no standby server, because its
    waiting was cancelled. A failover may lose it."""


class DatabaseWrapper(base.DatabaseWrapper):
    lock_timeout = ""  # how long this connection waits for a lock; empty: as SESSION says
    _warned_of: str | None = None  # the state of the last warning since the commit began

    def __init__(self, settings_dict: dict[str, Any], *more: Any, **named: Any) -> None:
        settings_dict["OPTIONS"] = OPTIONS | settings_dict["OPTIONS"]
        super().__init__(settings_dict, *more, **named)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if self.lock_timeout:
            params["options"] += f" -c lock_timeout={self.lock_timeout}"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.add_notice_handler(self._note)
        return connection

    def _note(self, notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized == "WARNING":
            self._warned_of = notice.sqlstate

    def _commit(self) -> None:
        self._warned_of = None
        super()._commit()  # type: ignore[misc]  # the stubs have no private methods
        if self._warned_of == _COMMITTED_HERE_ONLY:
            raise NotReplicated("Waiting for the standby server was cancelled during the commit.")
