"""An agent claims a code for a customer, for instance on the phone."""

from django.db import IntegrityError

from promint.core import measures
from promint.core.claiming.claims import Attempt, Result, claim_many
from promint.core.claiming.kept_answers import Answer
from promint.core.rules import Verdict, checks, invalid, limits
from promint.core.storage import Busy

_CREATED = 201
_COLLISIONS = 3  # with other processes, before giving up


def claim_for(customer: str, code: str, actor: str, key: str | None = None) -> Result | None:
    """Claim as if the customer had entered the code, and record the agent in the audit log.

    Returns None if the same idempotency key has claimed the code before. Raises Refused if code or
    customer are not possible, and Busy.
    """
    _check(customer, code)
    attempt = Attempt(code, customer, caller=actor, entered_by=actor, idempotency_key=key)
    for _ in range(_COLLISIONS):
        try:
            (reply,) = claim_many([attempt], _only_claims_are_kept)
        except IntegrityError:
            continue  # another process was faster with this code; its claim is read now
        measures.judged([(False, reply.result.verdict if reply.result else "replayed")])
        return reply.result
    raise Busy


def _only_claims_are_kept(result: Result) -> Answer:
    return Answer(_CREATED, b"", kept=result.verdict is Verdict.CLAIMED)


def _check(customer: str, code: str) -> None:
    found = {
        "customer": checks.customer(customer),
        "code": None
        if code.strip() and len(code) <= limits.TYPED_CODE_CHARACTERS
        else f"Use 1 to {limits.TYPED_CODE_CHARACTERS} characters.",
    }
    if wrong := {field: problem for field, problem in found.items() if problem}:
        raise invalid(wrong)
