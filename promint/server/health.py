"""GET /healthz says whether the database answers, GET /readyz whether claims can be sent here now.

All who ask at the same time share one check, so a flood of requests causes no load, and a database
that does not answer occupies one thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from promint.api import asgi
from promint.api.asgi import Scope, Send
from promint.core.storage import why_not_whole

ANSWERS_WITHIN = 1.5  # seconds, after which the database counts as not answering
ALLOW = "GET, HEAD"


class Look:
    """A check of the database. All who ask while it runs share its result."""

    def __init__(self, look: Callable[[], str]) -> None:
        self._look = look
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._under_way: Future[str] | None = None

    async def __call__(self) -> str:
        """What is wrong; empty if nothing is."""
        if self._under_way is None or self._under_way.done():
            self._under_way = self._thread.submit(self._look)
        look = self._under_way
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                return await asyncio.shield(asyncio.wrap_future(look))
        except TimeoutError:
            # In an overload the database may have answered long before the loop came to hear of it.
            return look.result() if look.done() else "The database does not answer."


def database_trouble() -> str:
    return _looked(lambda: None)


def migration_trouble() -> str:
    return _looked(lambda: why_not_whole() or _not_migrated())


def _looked(further: Callable[[], str | None]) -> str:
    connection.close_if_unusable_or_obsolete()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return further() or ""
    except Error:
        connection.close()
        return "The database does not answer."


def _not_migrated() -> str | None:
    applied = MigrationRecorder(connection).applied_migrations()
    missing = _known_migrations() - applied.keys()
    if not missing:
        return None
    app, name = min(missing)
    return f"Not migrated ({app}.{name}): promint migrate."


_known: set[tuple[str, str]] = set()


def _known_migrations() -> set[tuple[str, str]]:
    if not _known:
        _known.update(MigrationLoader(None).disk_migrations)
    return _known


class Health:
    """`queue_trouble`: what is wrong with the queue of claims; empty if nothing is."""

    def __init__(self, queue_trouble: Callable[[], str]) -> None:
        self._queue_trouble = queue_trouble
        self._database = Look(database_trouble)
        self._migrations = Look(migration_trouble)

    async def __call__(self, scope: Scope, _: object, send: Send) -> None:
        if scope["method"] not in ALLOW.split(", "):
            await _say(scope, send, 405, f"Use {ALLOW}.")
            return
        if scope["path"] == "/healthz":
            trouble = await self._database()
        else:
            trouble = self._queue_trouble() or await self._migrations()
        await _say(scope, send, 503 if trouble else 200, trouble or "ok")


async def _say(scope: Scope, send: Send, status: int, words: str) -> None:
    body = words.encode() + b"\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 405:
        headers.append((b"allow", ALLOW.encode()))
    await send(asgi.start(status, headers))
    await send(asgi.body(b"" if scope["method"] == "HEAD" else body))
