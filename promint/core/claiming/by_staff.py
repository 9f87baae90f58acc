"""Claiming for a customer: an agent on the phone."""

from django.db import IntegrityError

from promint.core.claiming.claims import Attempt, Result, claim_many
from promint.core.rules import checks, invalid, limits
from promint.core.storage import Busy

_COLLISIONS = 3  # with other processes, before we give up


def claim_for(customer: str, code: str, actor: str) -> Result:
    """As if the customer had entered it, with who did it in the audit log. Raises Refused: not
    usable as typed; Busy."""
    _check(customer, code)
    attempt = Attempt(code, customer, caller=actor, entered_by=actor)
    for _ in range(_COLLISIONS):
        try:
            (reply,) = claim_many([attempt])
        except IntegrityError:
            continue  # another process was faster with this code: what it wrote is read now
        assert reply.result is not None, "only an idempotency key brings an old answer back"
        return reply.result
    raise Busy


def _check(customer: str, code: str) -> None:
    found = {
        "customer": checks.customer(customer),
        "code": None
        if code.strip() and len(code) <= limits.TYPED_CODE_CHARACTERS
        else f"Use 1 to {limits.TYPED_CODE_CHARACTERS} characters.",
    }
    if wrong := {field: problem for field, problem in found.items() if problem}:
        raise invalid(wrong)
