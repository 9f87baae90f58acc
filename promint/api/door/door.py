"""The door: answers POST /api/v1/claims and /api/v1/validations as an ASGI application of its own.

It is outside Django, so that claims save the time that a framework takes, and slow uploads cannot
hold them up. It reads a small body, passes the attempt to the claim writer, and sends the writer's
answer.
"""

import asyncio
import json
import logging
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from promint.accounts.roles import Scope
from promint.api import answers, asgi, bearer, languages, problems
from promint.api.asgi import Receive, Send
from promint.api.asgi import Scope as HttpScope
from promint.api.door import spans
from promint.api.door.spans import Head, Sent
from promint.api.problems import Problem, ProblemRaised
from promint.core import traces
from promint.core.claiming import Answer, Attempt, ClaimWriter, Failure, Outcome, Reply, Result
from promint.core.rules import OWN_MESSAGES, Verdict, checks, limits
from promint.core.storage import Busy

log = logging.getLogger(__name__)

_KEY = re.compile(rf"[ -~]{{1,{limits.IDEMPOTENCY_KEY_CHARACTERS}}}")
_KEPT_STATUSES = (201, 409)
BODY_SECONDS = 30.0
_TOO_SLOW = Problem("request_timeout", "The body did not arrive in time. Send it again.")
_FAILURES = {
    Failure.BUSY: Problem(
        "busy",
        "Nothing was claimed: the server is too busy."
        " Send the request again with the same Idempotency-Key.",
    ),
    Failure.OUTCOME_UNKNOWN: Problem(
        "outcome_unknown",
        "The connection to the database was lost while saving. Send the request again with the same"
        " Idempotency-Key to find out.",
    ),
    Failure.FAULT: Problem(
        "internal_error",
        "Nothing was claimed because of an error in Promint. Its log has the reason.",
    ),
}
_THROTTLED = (
    "This key sent too many unknown codes in this hour. Codes that exist are claimed as ever;"
    " unknown ones are looked up again when the hour is over."
)
_DETAILS = {
    Verdict.IDEMPOTENCY_KEY_REUSED: "This Idempotency-Key was sent with another code or customer."
    " Use a new key for a new claim.",
    Verdict.TOO_MANY_ATTEMPTS: "The customer entered too many unknown codes. Wait, or lift the"
    " lockout on the customer's page.",
    Verdict.CODE_NOT_FOUND: "There is no such code.",
    Verdict.CODE_CANCELLED: "An administrator cancelled this code.",
    Verdict.ALREADY_CLAIMED_BY_CUSTOMER: "This customer has claimed this code already.",
    Verdict.CODE_ALREADY_CLAIMED: "Another customer has claimed this code.",
    Verdict.CODE_NOT_ACTIVE: "The list has not started, or the code's batch is not active.",
    Verdict.CODE_EXPIRED: "The list has ended.",
    Verdict.CAP_REACHED: "The entry cap is reached.",
}


Told = Callable[[Outcome], None]  # what is to be done with the outcome of an attempt
_PROBLEM = problems.CONTENT_TYPE.encode()
_QUOTES = 8  # in a body that has both fields once, with texts without quotes in them


class AttemptBody(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    customer: str


class Door:
    """`start` and `stop` run in the event loop that serves it."""

    def __init__(self) -> None:
        self._writer = ClaimWriter(write_answer, self._settle)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._writer.start()

    async def stop(self, timeout: float) -> None:
        await asyncio.to_thread(self._writer.stop, timeout)

    @property
    def waiting(self) -> int:
        return self._writer.waiting

    def trouble(self) -> str:
        """Why claims should be sent to another process now; empty if they need not be."""
        return self._writer.trouble()

    def _settle(self, outcomes: list[tuple[Told, Outcome]]) -> None:
        self._loop.call_soon_threadsafe(_tell, outcomes)

    def take(self, path: str, headers: dict[bytes, bytes], body: bytes, answer: Sent) -> bool:
        """Take a POST whose whole body is here, and call `answer` when it is answered. False if
        its key has to be looked up first or something is wrong with it: then it is for
        `__call__`."""
        holder = bearer.remembered(key := _key(headers))
        if holder is None or bearer.refusal(holder, Scope.CLAIM):
            return False
        if len(body) > limits.JSON_BODY_BYTES:
            return False
        request_id = problems.request_id_for(headers.get(b"x-request-id", b"").decode("latin-1"))
        if traces.is_on():
            answer = spans.noting(answer, path, request_id)
        try:
            attempt = _attempt(path, headers, holder.key_id, body, request_id)
        except ProblemRaised:
            return False
        bearer.renew(key)
        self._submit(attempt, lambda outcome: answer(*_told(outcome, request_id)))
        return True

    def _submit(self, attempt: Attempt, told: Told) -> None:
        if not self._writer.submit(attempt, told):
            told(Failure.BUSY)

    async def __call__(self, scope: HttpScope, receive: Receive, send: Send) -> None:
        request_id = problems.request_id_in(scope["headers"])
        with traces.span("POST", request_id) as told:
            answered = await self._answered(scope, receive, request_id)
            told |= spans.told_of(scope["path"], answered[0])
        status, head, body = answered
        await send(asgi.start(status, head))
        await send(asgi.body(body))

    async def _answered(
        self, scope: HttpScope, receive: Receive, request_id: str
    ) -> tuple[int, Head, bytes]:
        try:
            return _told(await self._outcome(scope, receive, request_id), request_id)
        except ProblemRaised as refused:
            return _refused(refused.problem, request_id)
        except Exception:
            log.exception("%s could not be answered.", request_id, extra={"request_id": request_id})
            return _told(Failure.FAULT, request_id)

    async def _outcome(self, scope: HttpScope, receive: Receive, request_id: str) -> Outcome:
        headers = _first_of_each(scope)
        if scope["method"] != "POST":
            problem = Problem("method_not_allowed", "Use POST.", headers={"Allow": "POST"})
            raise ProblemRaised(problem)
        caller = await _caller(headers)
        body = await _body_in_time(headers, receive)
        future: asyncio.Future[Outcome] = self._loop.create_future()
        attempt = _attempt(scope["path"], headers, caller, body, request_id)
        self._submit(attempt, partial(_resolve, future))
        return await future


def _tell(outcomes: list[tuple[Told, Outcome]]) -> None:
    for told, outcome in outcomes:
        try:
            told(outcome)
        except Exception:  # the others are told all the same
            log.exception("An answer could not be sent.")


def _resolve(future: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not future.done():  # it is done if the caller has gone away
        future.set_result(outcome)


def _first_of_each(scope: HttpScope) -> dict[bytes, bytes]:
    """The headers; of a repeated one, the first."""
    return dict(reversed(list(scope["headers"])))


def _key(headers: dict[bytes, bytes]) -> str:
    return bearer.key_of(headers.get(b"authorization", b"").decode("latin-1"))


def _attempt(
    path: str, headers: dict[bytes, bytes], caller: str, body: bytes, request_id: str
) -> Attempt:
    """Raises ProblemRaised."""
    wanted = read(body)
    return Attempt(
        code=wanted.code,
        customer=wanted.customer,
        caller=caller,
        validate_only=path.endswith("/validations"),
        idempotency_key=_idempotency_key(headers),
        request_id=request_id,
        language=languages.chosen(headers.get(b"accept-language", b"").decode("latin-1")),
    )


async def _caller(headers: dict[bytes, bytes]) -> str:
    try:
        holder = await bearer.holder_of(_key(headers))
    except Busy:
        raise ProblemRaised(_FAILURES[Failure.BUSY]) from None
    if (problem := bearer.refusal(holder, Scope.CLAIM)) is not None:
        raise ProblemRaised(problem)
    assert holder is not None
    return holder.key_id


async def _body_in_time(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _body(headers, receive)
    except TimeoutError:
        raise ProblemRaised(_TOO_SLOW) from None


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    body, more = b"", True
    declared = headers.get(b"content-length", b"0")
    too_large = declared.isdigit() and int(declared) > limits.JSON_BODY_BYTES
    while more and not too_large:
        message = await receive()
        if message["type"] != "http.request":
            raise ProblemRaised(invalid({"body": "The body ended early."}))
        body += message.get("body", b"")
        more = message.get("more_body", False)
        too_large = len(body) > limits.JSON_BODY_BYTES
    if too_large:
        detail = f"A JSON body has at most {limits.JSON_BODY_BYTES:,} bytes."
        raise ProblemRaised(Problem("payload_too_large", detail))
    return body


def _idempotency_key(headers: dict[bytes, bytes]) -> str | None:
    sent = headers.get(b"idempotency-key")
    if sent is None:
        return None
    key = sent.decode("latin-1")
    if not _KEY.fullmatch(key):
        problem = f"Use 1 to {limits.IDEMPOTENCY_KEY_CHARACTERS} printable ASCII characters."
        raise ProblemRaised(invalid({"Idempotency-Key": problem}))
    return key


def read(body: bytes) -> AttemptBody:
    """The attempt in a body. Raises ProblemRaised, which names each wrong field."""
    try:
        wanted = msgspec.json.decode(body, type=AttemptBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProblemRaised(invalid(_wrong_fields(body))) from None
    if body.count(b'"') != _QUOTES and (twice := _named_twice(body)):
        raise ProblemRaised(invalid(twice))
    fields = {}
    if len(wanted.code) > limits.TYPED_CODE_CHARACTERS:
        fields["code"] = f"Use at most {limits.TYPED_CODE_CHARACTERS} characters."
    if (problem := checks.customer(wanted.customer)) is not None:
        fields["customer"] = problem
    if fields:
        raise ProblemRaised(invalid(fields))
    return wanted


def _named_twice(body: bytes) -> dict[str, str]:
    """Fields that are named twice. msgspec would take the last one."""
    names = [name for name, _ in json.loads(body, object_pairs_hook=list)]
    return {name: "Send this field once." for name in set(names) if names.count(name) > 1}


def _wrong_fields(body: bytes) -> dict[str, str]:
    """Why a body could not be read, by field. `json` also reads unpaired surrogates."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return {"body": "Send a JSON object in UTF-8."}
    if not isinstance(sent, dict):
        return {"body": "Send a JSON object with code and customer."}
    known = AttemptBody.__struct_fields__
    fields = {name: "There is no such field." for name in sent if name not in known}
    fields |= {name: problem for name in known if (problem := _wrong_text(sent, name))}
    return fields or {"body": "Send a JSON object in UTF-8."}


def _wrong_text(sent: dict[str, Any], name: str) -> str | None:
    if name not in sent:
        return "This field is required."
    if not isinstance(sent[name], str):
        return "Send a text."
    text = sent[name]
    return (
        None
        if problems.printable(text) == text
        else "This text is not valid Unicode (unpaired surrogate)."
    )


def invalid(fields: dict[str, str]) -> Problem:
    return problems.invalid_request(fields)


def write_answer(result: Result) -> Answer:
    """The answer to a result. It is kept with its idempotency key if its status is 200, 201 or
    409."""
    if result.attempt.validate_only and result.verdict is not Verdict.IDEMPOTENCY_KEY_REUSED:
        return Answer(200, _validation(result))
    if result.claim is not None:
        assert result.code is not None
        made = result.claim
        body = answers.claim(made.id, result.code.shown, made.customer, made.facts, made.claimed_at)
        return Answer(201, msgspec.json.encode(body))
    problem = _refusal(result)
    body_bytes = problem.body(result.attempt.request_id)
    return Answer(problem.status, body_bytes, kept=problem.status in _KEPT_STATUSES)


def _validation(result: Result) -> bytes:
    claimable = result.verdict is Verdict.CLAIMED
    known = result.code.facts.outcomes if claimable and result.code is not None else None
    return msgspec.json.encode(
        {
            "claimable": claimable,
            "error": None if claimable else result.verdict.value,
            "customer_message": _sentence(result),
            "outcomes": known and answers.outcomes(known),
        }
    )


def _sentence(result: Result) -> str | None:
    """The list's own one, or else the usual one in the customer's language."""
    own = result.code.facts.customer_messages if result.code is not None else {}
    if result.verdict in OWN_MESSAGES and result.verdict in own:
        return own[result.verdict]
    return languages.SENTENCES[result.attempt.language].get(result.verdict)


def _refusal(result: Result) -> Problem:
    more: dict[str, Any] = {}
    if (sentence := _sentence(result)) is not None:
        more["customer_message"] = sentence
    if result.verdict is Verdict.ALREADY_CLAIMED_BY_CUSTOMER:
        more["claim_id"] = result.earlier_claim_id
    if result.verdict is Verdict.IDEMPOTENCY_KEY_REUSED:
        more["fields"] = {"Idempotency-Key": _DETAILS[result.verdict]}
    detail = _THROTTLED if result.throttled else _DETAILS[result.verdict]
    return Problem(result.verdict.value, detail, more)


class _Said(msgspec.Struct):
    customer_message: str | None = None


def _headers(reply: Reply) -> dict[str, str]:
    assert reply.answer is not None
    headers = _timing(reply)
    if b'"customer_message"' not in reply.answer.body:
        return headers
    # Read from the body, because an answer that is given again is in the language of the first.
    said = msgspec.json.decode(reply.answer.body, type=_Said).customer_message
    if (language := languages.of_sentence(said)) is not None:
        headers["Content-Language"] = language
    return headers


def _timing(reply: Reply) -> dict[str, str]:
    if reply.replayed:
        return {"Idempotent-Replayed": "true"}
    result = reply.result
    if result is None or result.locked_until is None or result.attempt.validate_only:
        return {}
    seconds = math.ceil((result.locked_until - result.now).total_seconds())
    return {"Retry-After": str(max(1, seconds))}


def _told(outcome: Outcome, request_id: str) -> tuple[int, Head, bytes]:
    """Status, head and body of the answer to an outcome."""
    if isinstance(outcome, Failure):
        return _refused(_FAILURES[outcome], request_id)
    assert outcome.answer is not None
    status, body, _ = outcome.answer
    return status, _head(status, body, request_id, _headers(outcome)), body


def _refused(problem: Problem, request_id: str) -> tuple[int, Head, bytes]:
    body = problem.body(request_id)
    return problem.status, _head(problem.status, body, request_id, problem.headers), body


def _head(status: int, body: bytes, request_id: str, more: dict[str, str]) -> Head:
    return [
        (b"content-type", _PROBLEM if status >= 400 else b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept-Language"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode()),
        *((name.lower().encode(), value.encode()) for name, value in more.items()),
    ]
