"""Answers requests for a code for a person before Django, so that they save the time that a
framework takes: those that come while others are served are served together, without a thread each.

Only what is plain is answered here: a key that was looked up a moment ago, a list that hands out,
a body of the two known fields, no Idempotency-Key. Everything else goes on to Django, and so does a
request that is refused, because nothing was done for it; Django refuses it again and says why.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec
from django.db import connection

from promint.accounts.roles import Scope
from promint.api import answers, asgi, bearer, problems, refusing
from promint.api.asgi import App, Receive, Received, Send
from promint.api.asgi import Scope as HttpScope
from promint.api.problems import Problem
from promint.core.codes import HandoutState, handouts
from promint.core.rules import Refused, checks
from promint.core.storage import noting_commits

log = logging.getLogger(__name__)

PATH = re.compile(r"/api/v1/lists/(lst_[0-9a-z]+)/handouts")
MOST = 256  # recipients served together
THREADS = 4  # how many lists are served at the same time, each with a connection
_QUOTES = {4, 6}  # in a body that has each field at most once, with a text without quotes in it

Kind = tuple[str, str, bool]  # the list, the actor, early
Served = tuple[HandoutState, bool] | Problem | None  # None: Django answers
_Waiting = list[tuple[str, asyncio.Future[Served]]]


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    recipient: str
    early: bool = False


class HandoutDoor:
    """Stands before Django. The bodies that it receives are complete."""

    def __init__(self, django: App) -> None:
        self._django = django
        self._lines: dict[Kind, _Waiting] = {}  # those who wait for the group that is served
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="handouts")

    async def __call__(self, scope: HttpScope, receive: Receive, send: Send) -> None:
        found = PATH.fullmatch(scope["path"])
        if found is None or scope["method"] != "POST":
            await self._django(scope, receive, send)
            return
        message = await receive()
        asked = _plain(scope, found[1], message)
        served = None if asked is None else await self._ask(*asked)
        if served is None:
            await self._django(scope, _again(message, receive), send)
        else:
            await _send(send, served, problems.request_id_in(scope["headers"]))

    async def _ask(self, kind: Kind, recipient: str) -> Served:
        future: asyncio.Future[Served] = asyncio.get_running_loop().create_future()
        if kind in self._lines:
            self._lines[kind].append((recipient, future))
        else:
            self._lines[kind] = [(recipient, future)]
            task = asyncio.create_task(self._serve(kind))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _serve(self, kind: Kind) -> None:
        """Serve the groups of one line, until nobody waits in it."""
        loop = asyncio.get_running_loop()
        while waiting := self._lines[kind]:
            group, self._lines[kind] = _first_of(waiting)
            served = await loop.run_in_executor(self._threads, _served, kind, list(group))
            for recipient, future in group.items():
                if not future.done():  # it is done if the caller has gone away
                    future.set_result(served[recipient])
        del self._lines[kind]


def _first_of(waiting: _Waiting) -> tuple[dict[str, asyncio.Future[Served]], _Waiting]:
    """Those who are served next, each recipient once; and the others."""
    group: dict[str, asyncio.Future[Served]] = {}
    later = []
    for recipient, future in waiting:
        if recipient in group or len(group) == MOST:
            later.append((recipient, future))
        else:
            group[recipient] = future
    return group, later


def _served(kind: Kind, recipients: list[str]) -> Mapping[str, Served]:
    """In a thread outside Django's requests, where stale connections must be closed."""
    connection.close_if_unusable_or_obsolete()
    with noting_commits():
        try:
            given = handouts.serve_kind(kind, recipients)
        except Refused:
            return dict.fromkeys(recipients)
        except Exception as raised:
            return dict.fromkeys(recipients, _problem_of(raised))
    return {one: None if isinstance(told, Refused) else told for one, told in given.items()}


def _problem_of(raised: Exception) -> Problem:
    problem = refusing.problem_of(raised)
    if problem is refusing.INTERNAL_ERROR:
        log.exception("Codes could not be handed out.")
    return problem


def _plain(scope: HttpScope, list_id: str, message: Received) -> tuple[Kind, str] | None:
    """What is asked for, and for whom; None if it is not plain."""
    headers = dict(scope["headers"])
    holder = bearer.remembered(bearer.key_of(headers.get(b"authorization", b"").decode("latin-1")))
    if (
        message["type"] != "http.request"
        or message["more_body"]
        or scope["query_string"]
        or b"idempotency-key" in headers
        or len(headers) != len(list(scope["headers"]))
        or holder is None
        or bearer.refusal(holder, Scope.CLAIM, Scope.MANAGE)
    ):
        return None
    wanted = _read(message["body"])
    if wanted is None:
        return None
    return (list_id, holder.actor, wanted.early), wanted.recipient


def _read(body: bytes) -> _Body | None:
    if body.count(b'"') not in _QUOTES:
        return None
    try:
        wanted = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return None if checks.customer(wanted.recipient) else wanted


def _again(message: Received, receive: Receive) -> Receive:
    """Receives the message once more, then what follows it."""
    first = [message]

    async def received() -> Received:
        return first.pop() if first else await receive()

    return received


async def _send(send: Send, served: tuple[HandoutState, bool] | Problem, request_id: str) -> None:
    if isinstance(served, Problem):
        status, kind, body = served.status, problems.CONTENT_TYPE, served.body(request_id)
        more = served.headers
    else:
        state, is_new = served
        status, kind, more = 201 if is_new else 200, "application/json; charset=utf-8", {}
        body = msgspec.json.encode(answers.handout(state))
    await asgi.send_whole(send, status, kind, body, request_id, more)
