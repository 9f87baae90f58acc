"""What is fixed when a list is created: type, start, how its codes are shown, what a claim issues,
and how codes are handed out.

Since it hardly ever changes, each process reads it once and keeps it. Only offers can be renamed,
and the list's own sentences for customers changed. Lists count that in `offer_renames`, and facts
kept with another count are read again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from promint.core.lists.offer_names import Former, former_names, name_at
from promint.core.models import ListOffer, PromoList
from promint.core.rules import HandoutRules, ListType, codewords, ids

_KEPT = 10_000  # lists
_facts: dict[int, "ListFacts"] = {}


@dataclass(frozen=True, slots=True)
class Outcomes:
    points: int  # 0: none
    offers: tuple[tuple[int, str], ...]  # key and name, in the order chosen
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListFacts:
    id: int
    type: ListType
    starts_at: datetime
    prefix: str
    outcomes: Outcomes
    handout: HandoutRules
    offer_renames: int
    former_names: tuple[Former, ...]  # of its offers
    customer_messages: Mapping[str, str]  # its own sentences, by verdict

    def outcomes_at(self, at: datetime) -> Outcomes:
        """What a claim at that time issued, with the names that the offers had then."""
        if not self.former_names:
            return self.outcomes
        issued = self.outcomes
        offers = tuple(
            (key, name_at(key, name, self.former_names, at)) for key, name in issued.offers
        )
        return replace(issued, offers=offers)

    @property
    def public_id(self) -> str:
        return ids.public(PromoList.PREFIX, self.id)

    @property
    def single_use(self) -> bool:
        """Whether each code is claimed once, by one customer."""
        return self.type is not ListType.MULTI_USE

    def show(self, value: str, typed: str | None) -> str:
        """A code of this list as people read it."""
        if typed is not None:
            return typed
        return codewords.grouped(value, self.prefix) if self.type is ListType.SINGLE_USE else value


def facts_of(
    list_ids: Iterable[int], renames: Mapping[int, int] | None = None
) -> dict[int, ListFacts]:
    """The facts of these lists. `renames`: their `offer_renames`, if they are read already. Raises
    KeyError for a list that does not exist."""
    wanted = set(list_ids)
    renames = _renames(wanted) if renames is None else renames
    found = {
        list_id: facts
        for list_id in wanted
        if (facts := _facts.get(list_id)) and facts.offer_renames == renames.get(list_id)
    }
    if missing := wanted - found.keys():
        read = _read(missing)
        if len(_facts) > _KEPT:
            _facts.clear()
        _facts.update(read)
        found |= read
    return {list_id: found[list_id] for list_id in wanted}


def _renames(list_ids: set[int]) -> dict[int, int]:
    """How often offers of each list were renamed."""
    found = PromoList.objects.filter(id__in=list_ids)
    return dict(found.values_list("id", "offer_renames")) if list_ids else {}


def _read(list_ids: set[int]) -> dict[int, ListFacts]:
    """The lists are read before the names, so that a count is never newer than the names."""
    rows = list(PromoList.objects.filter(id__in=list_ids))
    offers: dict[int, list[tuple[int, str]]] = {list_id: [] for list_id in list_ids}
    chosen = ListOffer.objects.filter(list__in=list_ids).order_by("list_id", "place")
    for list_id, offer_id, name in chosen.values_list("list_id", "offer_id", "offer__name"):
        offers[list_id].append((offer_id, name))
    former = former_names(key for own in offers.values() for key, _ in own)
    return {row.id: _facts_in(row, tuple(offers[row.id]), former) for row in rows}


def _facts_in(
    row: PromoList, offers: tuple[tuple[int, str], ...], former: tuple[Former, ...]
) -> ListFacts:
    own = {key for key, _ in offers}
    return ListFacts(
        id=row.id,
        type=ListType(row.type),
        starts_at=row.starts_at,
        prefix=row.code_prefix,
        outcomes=Outcomes(row.points or 0, offers, tuple(row.tags)),
        handout=_handout_rules(row),
        offer_renames=row.offer_renames,
        former_names=tuple(one for one in former if one[0] in own),
        customer_messages=row.customer_messages,
    )


def _handout_rules(row: PromoList) -> HandoutRules:
    return HandoutRules(
        bound=row.handout_bound,
        per_recipient=row.handout_per_recipient,
        valid_days=row.handout_valid_days,
        agents_per_day=row.handout_agents_per_day,
    )
