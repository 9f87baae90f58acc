"""Takes a claim back, for instance because an order was returned or staff made a mistake. Takes the
same locks as a claim.

A reversal is a row beside the claim, which stays. What the claim issued is taken back: points by a
separate entry in the ledger, offers, and the tags that no other claim of the customer gives.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F

from promint.core import audit, events, lists
from promint.core.claiming import as_json
from promint.core.claiming.reading import ClaimState, find_claim
from promint.core.codes import became_free, standing, were_handed_out
from promint.core.lists import Outcomes, facts_of
from promint.core.models import (
    Claim,
    Customer,
    CustomerTag,
    IssuedOffer,
    ListCounter,
    PointsEntry,
    Reversal,
)
from promint.core.rules import Event, Refusal, Refused, checks, invalid, limits
from promint.core.storage import database_now, durable, vendor


@dataclass(frozen=True)
class Reversed:
    claim: ClaimState
    reversal: Reversal

    @property
    def taken_back(self) -> Outcomes:
        offers = tuple(one for one in self.claim.outcomes.offers if one[0] in self.reversal.offers)
        return Outcomes(self.reversal.points, offers, tuple(self.reversal.tags))


@dataclass(frozen=True)
class AtStake:
    """What a reversal would take back. `points_after`: the balance after it, which may be below
    zero."""

    outcomes: Outcomes
    points_after: int


@durable
def reverse(claim_id: str, reason: str, actor: str, *, available_again: bool) -> Reversed:
    """Take a claim back. Doing so again in the same way changes nothing.

    `available_again`: the code can be claimed again and its place under the cap is free; otherwise
    both stay used. Raises Refused.
    """
    reason = reason.strip()
    if problem := checks.paragraphs(reason, limits.REASON_CHARACTERS):
        raise invalid({"reason": problem})
    state = find_claim(claim_id)
    lists.lock_counter(state.facts.id)
    _lock_customer(state.claim.customer)
    if (earlier := _of(state)) is not None:
        return _same(Reversed(state, earlier), available_again)
    reversal = _insert(state, reason, actor, available_again, database_now())
    _take_back(state, reversal)
    _record(state, reversal)
    made = Reversed(find_claim(claim_id), reversal)
    told = as_json.reversal(made) | {"reversed": as_json.claim_of(made.claim)}
    events.record(Event.CLAIM_REVERSED, state.facts.id, told, reversal.reversed_at)
    return made


def find(claim_id: str) -> Reversed | None:
    """The reversal of a claim; None if the claim stands. Raises Refused if there is no claim."""
    state = find_claim(claim_id)
    reversal = _of(state)
    return None if reversal is None else Reversed(state, reversal)


def at_stake(state: ClaimState) -> AtStake:
    issued = state.outcomes
    balance = Customer.objects.get(id=state.claim.customer).points
    outcomes = Outcomes(issued.points, issued.offers, tuple(_tags_of_it_alone(state)))
    return AtStake(outcomes, balance - issued.points)


def _of(state: ClaimState) -> Reversal | None:
    claim = state.claim
    return Reversal.objects.filter(pk=(claim.code_id, claim.customer, claim.round)).first()


def _same(found: Reversed, available_again: bool) -> Reversed:
    if found.reversal.available_again != available_again:
        kept = "is available again" if found.reversal.available_again else "stays used"
        raise Refused(
            Refusal.ALREADY_REVERSED,
            f"The claim is reversed already, and its code {kept}. A reversal cannot be changed.",
        )
    return found


def _lock_customer(customer: str) -> None:
    """Lock the customer's row, which every claim of the customer writes before its tags. So no
    new claim comes between the search for other claims and the deletion of a tag."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM core_customer WHERE id = %s{vendor().for_update}",  # noqa: S608
            [customer],
        )


def _insert(
    state: ClaimState, reason: str, actor: str, available_again: bool, now: datetime
) -> Reversal:
    issued = state.outcomes
    return Reversal.objects.create(
        code=state.claim.code_id,
        customer=state.claim.customer,
        round=state.claim.round,
        list_id=state.facts.id,
        available_again=available_again,
        points=issued.points,
        offers=[offer for offer, _ in issued.offers],
        tags=_tags_of_it_alone(state),
        reason=reason,
        actor=actor,
        reversed_at=now,
    )


def _tags_of_it_alone(state: ClaimState) -> list[str]:
    """The tags of the claim that no other standing claim of the customer gives."""
    claim, tags = state.claim, state.facts.outcomes.tags
    if not tags:
        return []
    others = standing(Claim.objects.filter(customer=claim.customer)).exclude(id=claim.id)
    given = facts_of(others.values_list("list_id", flat=True).distinct())
    kept = {tag for facts in given.values() for tag in facts.outcomes.tags}
    return [tag for tag in tags if tag not in kept]


def _take_back(state: ClaimState, reversal: Reversal) -> None:
    customer = reversal.customer
    if reversal.available_again:
        given = were_handed_out(state.facts.id, [reversal.code])
        ListCounter.objects.filter(list=state.facts.id).update(
            claims=F("claims") - 1, handed_out_gone=F("handed_out_gone") - len(given)
        )
        if (batch_id := state.claim.code.batch_id) is not None:
            became_free(batch_id, [reversal.code])
    Customer.objects.filter(id=customer).update(
        points=F("points") - reversal.points, claims=F("claims") - 1
    )
    if reversal.points:
        PointsEntry.objects.create(
            customer=customer,
            code=reversal.code,
            round=reversal.round,
            reversal=True,
            points=-reversal.points,
            issued_at=reversal.reversed_at,
        )
    issued = IssuedOffer.objects.filter(customer=customer, code=reversal.code, round=reversal.round)
    issued.update(withdrawn_at=reversal.reversed_at)
    CustomerTag.objects.filter(customer=customer, tag__in=reversal.tags).delete()


def _record(state: ClaimState, reversal: Reversal) -> None:
    after = {
        "claim": state.claim.id,
        "customer": reversal.customer,
        "list": state.facts.public_id,
        "code": "available_again" if reversal.available_again else "stays_used",
        "points": reversal.points,
        "reason": reversal.reason,
    }
    audit.record(
        reversal.actor, "claim.reversed", reversal.code, after=after, at=reversal.reversed_at
    )
