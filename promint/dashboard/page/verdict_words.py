"""Why an attempt was refused, in words for staff, and what its customer reads."""

from collections.abc import Mapping

from promint.core.claiming import Result
from promint.core.rules import CUSTOMER_MESSAGES, Verdict

WHY = {
    Verdict.IDEMPOTENCY_KEY_REUSED: "Sent again with another code or customer",
    Verdict.TOO_MANY_ATTEMPTS: "Locked out after too many unknown codes",
    Verdict.CODE_NOT_FOUND: "No such code",
    Verdict.CODE_CANCELLED: "Cancelled by staff",
    Verdict.ALREADY_CLAIMED_BY_CUSTOMER: "Already claimed by this customer",
    Verdict.CODE_ALREADY_CLAIMED: "Already claimed by another customer",
    Verdict.CODE_NOT_ACTIVE: "Not active yet",
    Verdict.CODE_EXPIRED: "After the end of its list",
    Verdict.CAP_REACHED: "The entry cap was reached",
}


def customer_reads(verdict: Verdict, own: Mapping[str, str]) -> str:
    """The sentence for customers in English. `own`: the sentences that the list has of its own."""
    return own.get(verdict, CUSTOMER_MESSAGES[verdict])


def why_refused(result: Result) -> dict[str, str]:
    """What a page says of a refused attempt."""
    own = result.code.facts.customer_messages if result.code is not None else {}
    return {"why": WHY[result.verdict], "customer_reads": customer_reads(result.verdict, own)}
