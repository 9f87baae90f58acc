"""The JSON of claims and outcomes, the same in every answer."""

from promint.core.claiming import as_json
from promint.core.rules import rfc3339

__all__ = ["claim", "claim_of", "outcomes", "reversal", "rfc3339"]

claim = as_json.claim
claim_of = as_json.claim_of
outcomes = as_json.outcomes
reversal = as_json.reversal
