"""."""

from promint.core.claiming.claims import Attempt, Reply, Result, claim_many
from promint.core.claiming.kept_answers import Answer
from promint.core.claiming.writer import ClaimWriter, Failure, Outcome

__all__ = [
    "Answer",
    "Attempt",
    "ClaimWriter",
    "Failure",
    "Outcome",
    "Reply",
    "Result",
    "by_staff",
    "callers",
    "claim_many",
    "code_life",
    "guessing",
    "history",
    "kept_answers",
    "refused_attempts",
]
