"""The rows of an export of claims: the claims of a list until the export was requested, the oldest
first. They are read in short steps by key. A reversal after that moment is left out."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from promint.core.codes import with_reversals
from promint.core.exports.rows import written
from promint.core.lists import ListFacts, facts_of
from promint.core.models import Claim, Export
from promint.core.storage import vendor

HEADER = ("Code", "Customer", "Claimed at", "Reversed at", "Points", "Offers", "Tags")
SEPARATOR = "; "  # between the offers of a claim, and between its tags

ExportedClaim = tuple[str, str, str, str, str, str, str]  # as in HEADER


def pages(export: Export) -> Iterator[list[ExportedClaim]]:
    facts = facts_of([export.list_id])[export.list_id]
    after = None
    while claims := _after(export, after):
        yield [_row(claim, facts, export.created_at) for claim in claims]
        after = claims[-1]


def _after(export: Export, last: Claim | None) -> list[Claim]:
    found = Claim.objects.filter(list=export.list_id, claimed_at__lte=export.created_at)
    if last is not None:
        later = Q(claimed_at__gt=last.claimed_at) | Q(claimed_at=last.claimed_at, id__gt=last.id)
        found = found.filter(later, claimed_at__gte=last.claimed_at)  # for the index
    ordered = with_reversals(found.order_by("claimed_at", "id")).select_related("code")
    return list(ordered[: vendor().export_step])


def _row(claim: Claim, facts: ListFacts, at: datetime) -> ExportedClaim:
    issued = facts.outcomes_at(claim.claimed_at)
    reversed_at = claim.reversed_at
    return (
        facts.show(claim.code_id, claim.code.typed),
        claim.customer,
        written(claim.claimed_at),
        written(reversed_at) if reversed_at is not None and reversed_at <= at else "",
        str(issued.points),
        SEPARATOR.join(name for _, name in issued.offers),
        SEPARATOR.join(issued.tags),
    )
