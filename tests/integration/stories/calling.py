"""Calls a verb in one of several ways: as it is, twice with one idempotency key, or in a process
that is killed just before or just after the commit, and then once more with the same key."""

import json
import os
import signal
from collections.abc import Callable
from itertools import count
from typing import Any

from django.db import connection

from promint.core import failpoints
from promint.core.claiming import Answer, answered_once
from promint.core.rules.refusals import Refused
from tests.factories import ACTOR

PLAIN, TWICE, KILLED_BEFORE, KILLED_AFTER = "plain", "twice", "killed before", "killed after"
WAYS = [PLAIN, PLAIN, PLAIN, TWICE, KILLED_BEFORE, KILLED_AFTER]
_KILLED, _REFUSED, _LIVED = "killed", "refused", "lived"
_keys = count(1)

Verb = Callable[[], Any]


def call(verb: Verb, way: str) -> tuple[Any, str | None]:
    """What the verb returns, as JSON knows it, and the name of its refusal."""
    try:
        if way == PLAIN:
            return json.loads(json.dumps(verb())), None
        return _with_key(verb, way), None
    except Refused as refused:
        return None, refused.refusal.value


def _with_key(verb: Verb, way: str) -> Any:
    key = f"managing {next(_keys)}"
    if way == TWICE:
        _ask(key, verb)
    else:
        place = "answered_once.before_commit" if way == KILLED_BEFORE else None
        killed(lambda: _ask(key, verb), place)
    answer, replayed = _ask(key, verb)
    assert replayed is (way != KILLED_BEFORE)
    return answer


def _ask(key: str, verb: Verb) -> tuple[Any, bool]:
    """The answer, and whether it was kept from before."""
    found = answered_once((key, ACTOR), b"same", lambda: Answer(200, json.dumps(verb()).encode()))
    answer = found if isinstance(found, Answer) else found.answer
    assert answer.status == 200
    return json.loads(answer.body), answer is not found


def killed(act: Callable[[], object], place: str | None) -> str:
    """Do something in a process that kills itself at a failpoint, or when it has done it. Returns
    how it ended, because it may be refused, or not come to that place."""
    connection.close()
    child = os.fork()
    if child == 0:
        _act_and_die(act, place)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return _KILLED
    assert os.WEXITSTATUS(status) in (0, 1), "The process that was to be killed had an error."
    return _REFUSED if os.WEXITSTATUS(status) else _LIVED


def _act_and_die(act: Callable[[], object], place: str | None) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(60)  # if it hangs, the test fails instead of hanging too
    status = 2
    try:
        if place is not None:
            failpoints.arm(place)
        act()
        if place is None:
            os.kill(os.getpid(), signal.SIGKILL)
        status = 0
    except Refused:
        status = 1
    finally:
        os._exit(status)
