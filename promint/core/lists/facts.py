"""What is fixed when a list is created: type, start, how its codes are shown, what a claim issues,
and how codes are handed out.

Since none of it ever changes, each process reads it once and keeps it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

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


def facts_of(list_ids: Iterable[int]) -> dict[int, ListFacts]:
    """The facts of these lists. Raises KeyError for a list that does not exist."""
    wanted = set(list_ids)
    found = {list_id: facts for list_id in wanted if (facts := _facts.get(list_id))}
    if missing := wanted - found.keys():
        read = _read(missing)
        if len(_facts) > _KEPT:
            _facts.clear()
        _facts.update(read)
        found |= read
    return {list_id: found[list_id] for list_id in wanted}


def _read(list_ids: set[int]) -> dict[int, ListFacts]:
    offers: dict[int, list[tuple[int, str]]] = {list_id: [] for list_id in list_ids}
    chosen = ListOffer.objects.filter(list__in=list_ids).order_by("list_id", "place")
    for list_id, offer_id, name in chosen.values_list("list_id", "offer_id", "offer__name"):
        offers[list_id].append((offer_id, name))
    return {
        row.id: ListFacts(
            id=row.id,
            type=ListType(row.type),
            starts_at=row.starts_at,
            prefix=row.code_prefix,
            outcomes=Outcomes(row.points or 0, tuple(offers[row.id]), tuple(row.tags)),
            handout=_handout_rules(row),
        )
        for row in PromoList.objects.filter(id__in=list_ids)
    }


def _handout_rules(row: PromoList) -> HandoutRules:
    return HandoutRules(
        bound=row.handout_bound,
        per_recipient=row.handout_per_recipient,
        valid_days=row.handout_valid_days,
        agents_per_day=row.handout_agents_per_day,
    )
