"""The JSON of claims, outcomes and handouts, the same in every answer."""

from typing import Any

from promint.core.claiming import as_json
from promint.core.codes import HandoutState
from promint.core.rules import rfc3339

__all__ = ["claim", "claim_of", "handout", "outcomes", "reversal", "rfc3339"]

claim = as_json.claim
claim_of = as_json.claim_of
outcomes = as_json.outcomes
reversal = as_json.reversal


def handout(state: HandoutState) -> dict[str, Any]:
    given = state.handout
    return {
        "id": given.id,
        "list": state.facts.public_id,
        "recipient": given.recipient,
        "code": state.shown,
        "handed_out_at": rfc3339(given.handed_out_at),
        "ends_at": rfc3339(state.ends_at) if state.ends_at else None,
        "claimed_at": rfc3339(state.claimed_at) if state.claimed_at else None,
    }
