"""One process, one port: the door for claims beside Django, which runs in threads."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promint.settings")
django.setup()

from a2wsgi import WSGIMiddleware  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, connections  # noqa: E402

from promint.api.door import Door  # noqa: E402
from promint.core.storage import on_postgresql  # noqa: E402
from promint.server.whole_requests import WholeRequests  # noqa: E402

THREADS = 16
STATEMENT_TIMEOUT = "20s"  # of anything a web process asks of PostgreSQL
SETTLE_SECONDS = 7.0  # at shutdown, for the attempts that wait

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

DOOR_PATHS = ("/api/v1/claims", "/api/v1/validations")

if on_postgresql():
    connections.settings["default"]["OPTIONS"]["options"] += (
        f" -c statement_timeout={STATEMENT_TIMEOUT}"
    )
# The claim writer asks for the interpreter after every word from the database; with the default of
# 5 ms it would mostly wait for the event loop to give it up.
sys.setswitchinterval(0.0005)

_django = WholeRequests(WSGIMiddleware(get_wsgi_application(), workers=THREADS))
_door = Door()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _route(scope)(scope, receive, send)


def _route(scope: Scope) -> Any:
    if scope["path"] in DOOR_PATHS:
        return _door
    return _healthz if scope["path"] == "/healthz" else _django


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    _door.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _door.stop(SETTLE_SECONDS)
    await send({"type": "lifespan.shutdown.complete"})


async def _healthz(scope: Scope, receive: Receive, send: Send) -> None:
    """200 when the database answers."""
    healthy = await asyncio.to_thread(_database_answers)
    body = b"ok\n" if healthy else b"The database does not answer.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    status = 200 if healthy else 503
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _database_answers() -> bool:
    connection.close_if_unusable_or_obsolete()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except django.db.Error:
        return False
    return True
