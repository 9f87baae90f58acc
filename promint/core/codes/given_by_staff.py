"""Agents hand out codes to customers, for instance on the phone, from lists that allow it."""

from dataclasses import dataclass
from datetime import datetime

from promint.core.codes import handouts
from promint.core.codes.handouts import Giving, HandoutState
from promint.core.lists import facts_of
from promint.core.models import AgentHandouts, PromoList
from promint.core.rules import ListStatus, Refused, checks, invalid, limits
from promint.core.storage import database_now

MOST_OFFERED = 100  # lists


@dataclass(frozen=True)
class Offered:
    """A list. `left`: how many of its codes the agent may still hand out today."""

    promo_list: PromoList
    left: int


def offered(actor: str) -> list[Offered]:
    """The active lists from which agents may hand out codes; those that end first come first.
    Archived lists are not among them."""
    now = database_now()
    marked = PromoList.objects.filter(
        handout_agents_per_day__isnull=False, archived_at=None, starts_at__lte=now, ends_at__gt=now
    )
    found = marked.select_related("counter").order_by("ends_at", "id")[:MOST_OFFERED]
    given = _given_today(actor, now)
    return [
        Offered(one, max(0, (one.handout_agents_per_day or 0) - given.get(one.id, 0)))
        for one in found
        if one.status(now) is ListStatus.ACTIVE
    ]


def _given_today(actor: str, now: datetime) -> dict[int, int]:
    today = AgentHandouts.objects.filter(actor=actor, day=now.date())
    return dict(today.values_list("list_id", "codes"))


def give(list_id: str, customer: str, reason: str, actor: str) -> tuple[HandoutState, bool]:
    """A code for the customer, and whether it is a new one for them. Raises Refused, Busy."""
    handouts.check_recipient(customer)
    reason = reason.strip()
    if problem := checks.paragraphs(reason, limits.REASON_CHARACTERS):
        raise invalid({"reason": problem})
    promo_list = handouts.handing_out(list_id)
    facts = facts_of([promo_list.id])[promo_list.id]
    per_day = facts.handout.agents_per_day
    if per_day is None or promo_list.archived_at is not None:
        raise invalid({"list": "Agents hand out no codes of this list. Choose another one."})
    now = database_now()
    closed = handouts.closed(promo_list, now, early=False)
    giving = Giving(facts, actor, now, closed, facts.handout.per_recipient, reason, per_day)
    (served,) = handouts.serve(giving, [customer]).values()
    if isinstance(served, Refused):
        raise served
    return served
