"""How codes are claimed. Read the modules in this order: writer, claims, snapshot, issuing."""

from promint.core.claiming.answered_once import answered_before, answered_once
from promint.core.claiming.claims import Attempt, Reply, Result, claim_many
from promint.core.claiming.kept_answers import Answer
from promint.core.claiming.reading import (
    ClaimState,
    claim_states,
    claims_before,
    claims_with,
    find_claim,
)
from promint.core.claiming.reversal import Reversed
from promint.core.claiming.writer import ClaimWriter, Failure, Outcome

__all__ = [
    "Answer",
    "Attempt",
    "ClaimState",
    "ClaimWriter",
    "Failure",
    "Outcome",
    "Reply",
    "Result",
    "Reversed",
    "answered_before",
    "answered_once",
    "as_json",
    "by_staff",
    "callers",
    "claim_many",
    "claim_states",
    "claims_before",
    "claims_with",
    "code_life",
    "find_claim",
    "guessing",
    "history",
    "kept_answers",
    "of_list",
    "refused_attempts",
    "reversal",
]
