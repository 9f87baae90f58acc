"""The ASGI application: the door (promint.api.door) answers claims and hands codes out, and Django,
which runs in threads, answers most other requests."""

import asyncio
import os
import sys
from typing import Any, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promint.settings")
django.setup()

from a2wsgi import WSGIMiddleware  # noqa: E402
from asgiref.typing import LifespanScope  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connections  # noqa: E402

from promint.api.asgi import App, Receive, Scope, Send  # noqa: E402
from promint.api.door import Door, HandoutDoor  # noqa: E402
from promint.core import measures  # noqa: E402
from promint.core.storage import on_postgresql  # noqa: E402
from promint.server.bodies import Bodies  # noqa: E402
from promint.server.health import Health  # noqa: E402
from promint.server.metrics import BehindToken  # noqa: E402
from promint.server.plain_requests import PlainRequest  # noqa: E402
from promint.server.short_way import Answer  # noqa: E402
from promint.server.static_files import StaticFiles  # noqa: E402

THREADS = 16
MEASURED_EVERY = 1.0  # seconds
STATEMENT_TIMEOUT = "20s"  # of anything a web process asks of PostgreSQL
SETTLE_SECONDS = 7.0  # at shutdown, for attempts that are queued

DOOR_PATHS = ("/api/v1/claims", "/api/v1/validations")
METRICS_PATH = "/metrics"
HEALTH_PATHS = ("/healthz", "/readyz")

if on_postgresql():
    connections.settings["default"]["SESSION"]["statement_timeout"] = STATEMENT_TIMEOUT
# The claim writer needs the interpreter after every answer of the database. With the default of 5
# ms it would mostly wait until the event loop releases it.
sys.setswitchinterval(0.0005)

# a2wsgi has types of its own for WSGI and ASGI.
_django = Bodies(
    HandoutDoor(cast(App, WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS)))
)
_door = Door()
_health = Health(_door.trouble)
_static = StaticFiles()
_metrics = BehindToken(settings.METRICS.token) if settings.METRICS.token else None


def take_claim(request: PlainRequest, answer: Answer) -> bool:
    return _door.take(*request, answer)


async def application(scope: Scope | LifespanScope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _route(scope)(scope, receive, send)


def _route(scope: Scope) -> Any:
    path = scope["path"]
    if path in DOOR_PATHS:
        return _door
    if path in HEALTH_PATHS:
        return _health
    if path == METRICS_PATH and _metrics is not None:
        return _metrics
    return _static if path in _static else _django


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    _door.start()
    measuring = asyncio.create_task(_measure_queue())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    measuring.cancel()
    await _door.stop(SETTLE_SECONDS)
    await send({"type": "lifespan.shutdown.complete"})


async def _measure_queue() -> None:
    """Note how many attempts wait, also while the writer itself waits for the database."""
    while True:
        measures.waiting(_door.waiting)
        await asyncio.sleep(MEASURED_EVERY)
