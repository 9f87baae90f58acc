"""Receives the bodies of requests before Django. A request gets a thread only when its body has
arrived, so slow callers occupy none. A caller who may not send a body is refused before it is read.

A stranger may send as much as a form needs. A caller with an API key, or who is signed in, may send
more, and a file where one is taken. A request that Django refuses for its head alone is passed on
at once.
"""

import asyncio
import re
from contextlib import AbstractAsyncContextManager, nullcontext

from promint.accounts.roles import Scope as KeyScope
from promint.api import asgi, bearer, problems
from promint.api.asgi import App, Receive, Scope, Send, Sent
from promint.api.problems import Problem
from promint.core.rules import limits
from promint.core.storage import Busy
from promint.server.pace import Incoming
from promint.server.signed_in import is_signed_in

STRANGERS_BYTES = 64 * 1024  # of a body
FORM_BYTES = 1024 * 1024
# How many requests with files occupy a thread at a time: those whose file still arrives, and the
# others. The rest wait here, because threads that wait for a look at their file would soon be all.
ARRIVING = 4
LOOKED_AT = 4
TAKES_FILE = re.compile(
    r"/lists/[^/]+/(upload|handouts/bulk)|/cancellations/new"  # pages
    r"|/api/v1/lists/[^/]+/(uploads|upload-previews|handouts/bulk)"
)
NAMES_CODES = "/api/v1/cancellations"


_TOO_SLOW = Problem("request_timeout", "The body did not arrive in time. Send it again.")
_BUSY = Problem("busy", "Nothing happened: the database is too busy. Send it again.")
_STRANGER = Problem(
    "payload_too_large",
    f"Without signing in you may send {STRANGERS_BYTES:,} bytes. Sign in and send it again.",
    headers={"Promint-Sign-In": "needed"},
)
_TOO_LARGE = Problem("payload_too_large", f"A form has at most {FORM_BYTES:,} bytes.")


class Bodies:
    def __init__(self, app: App) -> None:
        self._app = app
        self._arriving = asyncio.Semaphore(ARRIVING)
        self._looked_at = asyncio.Semaphore(LOOKED_AT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = _announced(scope)
        if announced == 0:
            await self._app(scope, receive, send)
            return
        incoming = Incoming(receive)
        gather = self._gather_for_api if scope["path"].startswith("/api/") else self._gather_form
        try:
            refusal = await gather(scope, announced, incoming)
        except Busy:
            refusal = _BUSY
        if incoming.is_late:
            refusal = _TOO_SLOW
        if refusal is not None:
            await _refuse(scope, send, refusal)
        elif not incoming.is_gone:
            await self._pass_on(scope, incoming, send)

    async def _gather_for_api(
        self, scope: Scope, announced: int | None, body: Incoming
    ) -> Problem | None:
        """Gather the body, and return why it is refused, or None. Nothing is gathered if Django
        refuses the request for its head."""
        most = limits.NAMED_TO_CANCEL_BYTES if _names_codes(scope) else limits.JSON_BODY_BYTES
        holder = await bearer.holder_of(bearer.key_of(_header(scope, b"authorization")))
        is_large = announced is None or announced > STRANGERS_BYTES
        if holder is None:
            return bearer.NO_KEY if is_large else None
        takes_much = _takes_file(scope) or _names_codes(scope)
        if takes_much and (refusal := bearer.refusal(holder, KeyScope.MANAGE)):
            return refusal
        if _takes_file(scope):
            await body.gather(FORM_BYTES)
        elif announced is None or announced <= most:
            await body.gather(most)
        return None

    async def _gather_form(
        self, scope: Scope, announced: int | None, body: Incoming
    ) -> Problem | None:
        if (announced or 0) <= STRANGERS_BYTES:
            await body.gather(STRANGERS_BYTES)
            if body.is_gone or body.is_whole_within(STRANGERS_BYTES):
                return None
        if not await is_signed_in(_header(scope, b"cookie")):
            return _STRANGER
        if (announced or 0) > FORM_BYTES and not _takes_file(scope):
            return _TOO_LARGE
        await body.gather(FORM_BYTES)
        is_taken = body.is_whole_within(FORM_BYTES) or _takes_file(scope)
        return None if is_taken or body.is_gone else _TOO_LARGE

    async def _pass_on(self, scope: Scope, body: Incoming, send: Send) -> None:
        answer = _Answer(body, send)
        async with self._place(scope, body):
            await self._app(_with_length(scope, body), body.receive, answer.send)
        if body.is_late and not answer.is_begun:
            await _refuse(scope, send, _TOO_SLOW)

    def _place(self, scope: Scope, body: Incoming) -> AbstractAsyncContextManager[None]:
        if not _takes_file(scope):
            return nullcontext()
        return self._looked_at if body.is_whole else self._arriving


class _Answer:
    """Passes on what an application sends, unless the request was cut off before the application
    had it."""

    def __init__(self, body: Incoming, send: Send) -> None:
        self._body, self._send = body, send
        self.is_begun = False

    async def send(self, message: Sent) -> None:
        if not self._body.is_late or self.is_begun:
            self.is_begun = True
            await self._send(message)


def _announced(scope: Scope) -> int | None:
    """The announced bytes of the body; None if it comes in chunks, without a length."""
    if _header(scope, b"transfer-encoding"):
        return None
    length = _header(scope, b"content-length")
    return int(length) if length.isdigit() else 0


def _header(scope: Scope, name: bytes) -> str:
    found = [value for header, value in scope["headers"] if header == name]
    return found[0].decode("latin-1") if found else ""


def _takes_file(scope: Scope) -> bool:
    return scope["method"] == "POST" and TAKES_FILE.fullmatch(scope["path"]) is not None


def _names_codes(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"] == NAMES_CODES)


def _with_length(scope: Scope, body: Incoming) -> Scope:
    """The scope with the body's length. Without a length, Django takes a body that came in
    chunks for an empty one."""
    if not _header(scope, b"transfer-encoding"):
        return scope
    headers = [(k, v) for k, v in scope["headers"] if k != b"transfer-encoding"]
    if body.is_whole:
        length = (b"content-length", str(body.size).encode())
    else:
        length = (b"transfer-encoding", b"chunked")
    return {**scope, "headers": [*headers, length]}


async def _refuse(scope: Scope, send: Send, problem: Problem) -> None:
    """Answers with a problem document for programs, and with plain words for people."""
    request_id = problems.request_id_in(scope["headers"])
    if scope["path"].startswith("/api/"):
        body, kind = problem.body(request_id), problems.CONTENT_TYPE
    else:
        body, kind = f"{problem.detail}\n".encode(), "text/plain; charset=utf-8"
    await asgi.send_whole(send, problem.status, kind, body, request_id, problem.headers)
