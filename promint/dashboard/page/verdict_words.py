"""Why an attempt was refused, in words for staff. Customers read the sentences of core."""

from promint.core.rules import Verdict

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
