"""What a customer has tried: claims and refusals as rows of one table."""

from dataclasses import dataclass, replace
from datetime import datetime

from promint.core import lists
from promint.core.claiming import ClaimState
from promint.core.customers import AttemptOnCode
from promint.core.lists import ListFacts
from promint.core.rules import Verdict
from promint.dashboard.codes import address as code_address
from promint.dashboard.page import WHY, in_full


@dataclass(frozen=True)
class AttemptRow:
    at: datetime
    result: str  # claimed or refused
    code: str  # as people read it; empty while it can be claimed
    address: str  # of the code's page
    list_id: str
    list_name: str
    words: str  # what was issued, or why not
    claim_id: str = ""  # only if the claim stands


def rows(claims: list[ClaimState], refusals: list[AttemptOnCode]) -> list[AttemptRow]:
    """Newest first."""
    tried = [one.code.facts for one in refusals]
    names = lists.names_of([one.facts.id for one in claims] + [facts.id for facts in tried])
    found = [_claimed(one, names) for one in claims] + [_refused(one, names) for one in refusals]
    return sorted(found, key=lambda row: row.at, reverse=True)


def _claimed(one: ClaimState, names: dict[int, str]) -> AttemptRow:
    words = in_full(one.outcomes)
    row = _row(one.claim.claimed_at, "claimed", one.shown, True, one.facts, names, words)
    if one.claim.reversed_at is not None:
        return replace(row, result="reversed")
    return replace(row, claim_id=one.claim.id)


def _refused(one: AttemptOnCode, names: dict[int, str]) -> AttemptRow:
    words = WHY[Verdict(one.attempt.verdict)]
    code = one.code
    spent = not code.facts.single_use or code.status != "available"
    return _row(one.attempt.refused_at, "refused", code.shown, spent, code.facts, names, words)


def _row(
    at: datetime,
    result: str,
    shown: str,
    spent: bool,
    facts: ListFacts,
    names: dict[int, str],
    words: str,
) -> AttemptRow:
    return AttemptRow(
        at=at,
        result=result,
        code=shown if spent else "",
        address=code_address.page_of(shown),
        list_id=facts.public_id,
        list_name=names[facts.id],
        words=words,
    )
