"""Idempotency-Key: requests with the same key have one effect and get the same answer, byte for
byte."""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from django.http import HttpRequest, HttpResponse
from ninja import Status
from ninja.renderers import JSONRenderer

from promint.api import problems
from promint.api.management.access import ApiRequest
from promint.api.problems import Problem, ProblemRaised, invalid_request
from promint.api.refusing import REQUEST_ID
from promint.core import failpoints
from promint.core.claiming import Answer, answered_before, answered_once, kept_answers
from promint.core.rules import Refused, limits
from promint.core.storage import sealed

HEADER = "Idempotency-Key"
_PURPOSE = "promint.api.management.idempotency"
P = TypeVar("P")
View = Callable[..., Any]
Deed = Callable[[], Any]

_KEY = re.compile(rf"[ -~]{{1,{limits.IDEMPOTENCY_KEY_CHARACTERS}}}")
_KEPT_REFUSAL = 409  # besides successes
_FINGERPRINT = "promint.fingerprint"  # in request.META
_JSON = JSONRenderer()
# By key, while requests with it are under way in this process.
_turns: WeakValueDictionary[tuple[str, str], threading.Lock] = WeakValueDictionary()
_turns_lock = threading.Lock()
_REUSED = "This Idempotency-Key was sent with another body or path. Use a new key."


def once_per_key(view: View, *, with_secret: bool = False) -> View:
    """Makes an operation idempotent. Its body must be JSON or empty, and all of its work must be
    quick.

    `with_secret`: its answer holds a secret, so the answer is kept encrypted.
    """

    @wraps(view)
    def answered(request: ApiRequest, *args: Any, **kwargs: Any) -> Any:
        if _FINGERPRINT not in request.META:
            note_body(request, request.read().decode("latin-1") or None)  # of no use, but sent
        return answer(
            request, lambda: None, lambda _: view(request, *args, **kwargs), with_secret=with_secret
        )

    return answered


secret_once_per_key = partial(once_per_key, with_secret=True)


def note_body(request: HttpRequest, body: Any) -> None:
    """Note the request's body, as JSON would hold it, before anything in it is checked.

    Raises ProblemRaised if the key was used for another request.
    """
    if (key := _key(request)) is None:
        return
    sent = json.dumps([request.method, request.path_info, body], sort_keys=True)
    fingerprint = hashlib.sha256(sent.encode()).digest()
    request.META[_FINGERPRINT] = fingerprint
    kept = kept_answers.find({key}).get(key)
    if kept is not None:
        _check_same(kept, fingerprint)


def answer(
    request: ApiRequest,
    prepare: Callable[[], P],
    act: Callable[[P], Any],
    *,
    with_secret: bool = False,
) -> Any:
    """The answer of `act`, or the answer that the same key got before.

    `prepare` does what takes long and changes nothing that others read. Its result is passed to
    `act`, whose verbs are committed together with the kept answer.
    """
    if (key := _key(request)) is None:
        return act(prepare())
    with _turn(key):  # so that one of them prepares, not all
        return _answer_of_key(key, request, _prepared(prepare, act), with_secret)


def _turn(key: tuple[str, str]) -> threading.Lock:
    with _turns_lock:
        return _turns.setdefault(key, threading.Lock())


def _answer_of_key(
    key: tuple[str, str], request: ApiRequest, prepared: Callable[[], Deed], with_secret: bool
) -> HttpResponse:
    fingerprint: bytes = request.META[_FINGERPRINT]
    found: kept_answers.Kept | Answer | None = answered_before(key)
    if found is None:
        deed = prepared()
        found = answered_once(
            key, fingerprint, lambda: _kept_as(_answer_of(request, deed), with_secret)
        )
        failpoints.reach("answered_once.after_commit")
    if isinstance(found, kept_answers.Kept):
        _check_same(found, fingerprint)
        return _response(_as_given(found.answer, with_secret), replayed=True)
    return _response(_as_given(found, with_secret), replayed=False)


def _kept_as(given: Answer, with_secret: bool) -> Answer:
    if not with_secret:
        return given
    return given._replace(body=sealed.seal(_PURPOSE, given.body.decode()).encode())


def _as_given(kept: Answer, with_secret: bool) -> Answer:
    """The kept answer as it was given. Raises ProblemRaised if it cannot be decrypted because
    the installation's own secret has changed."""
    if not with_secret:
        return kept
    body = sealed.unseal(_PURPOSE, kept.body.decode())
    if body is None:
        problem = "It was done, but PROMINT_SECRET_KEY has changed since, so the answer is lost."
        raise ProblemRaised(
            Problem("idempotency_key_reused", problem, {"fields": {HEADER: problem}})
        )
    return kept._replace(body=body.encode())


def _prepared(prepare: Callable[[], P], act: Callable[[P], Any]) -> Callable[[], Deed]:
    """Prepares when it is called, and returns what is left to do. If the preparation is refused,
    the operation is refused with the same answer, which may be kept."""

    def prepared() -> Deed:
        try:
            ready = prepare()
        except Refused as error:
            return partial(_refuse, error)
        return lambda: act(ready)

    return prepared


def _refuse(refused: Refused) -> Any:
    raise refused


def _answer_of(request: ApiRequest, deed: Deed) -> Answer:
    """The answer of an operation. Raises exceptions whose answer is not kept."""
    try:
        made = deed()
    except Refused as refused:
        problem = problems.of_refusal(refused)
        if problem.status != _KEPT_REFUSAL:
            raise
        return Answer(problem.status, problem.body(request.META[REQUEST_ID]))
    status, value = (made.status_code, made.value) if isinstance(made, Status) else (200, made)
    return Answer(status, _JSON.render(request, value, response_status=status).encode())


def _key(request: HttpRequest) -> tuple[str, str] | None:
    """The key and its owner. Raises ProblemRaised for a text that cannot be a key."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not _KEY.fullmatch(sent):
        problem = f"Use 1 to {limits.IDEMPOTENCY_KEY_CHARACTERS} printable ASCII characters."
        raise ProblemRaised(invalid_request({HEADER: problem}))
    return sent, request.auth.key_id  # type: ignore[attr-defined]


def _check_same(kept: kept_answers.Kept, fingerprint: bytes) -> None:
    if kept.fingerprint != fingerprint:
        named = {"fields": {HEADER: _REUSED}}
        raise ProblemRaised(Problem("idempotency_key_reused", _REUSED, named))


def _response(answer: Answer, replayed: bool) -> HttpResponse:
    refused = answer.status >= 400
    kind = problems.CONTENT_TYPE if refused else "application/json; charset=utf-8"
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    return HttpResponse(answer.body, status=answer.status, content_type=kind, headers=headers)
