"""What the pages of one list share: the list, its facts and status, with times in its own zone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from promint.core import lists
from promint.core.lists import ListFacts, facts_of
from promint.core.models import PromoList
from promint.core.rules import ListStatus, ListType
from promint.core.storage import database_now
from promint.dashboard.lists.handout_fields import in_words
from promint.dashboard.lists.index import short_outcomes
from promint.dashboard.page import formats

ListView = Callable[..., HttpResponse]


def of_list(view: ListView) -> ListView:
    """Gives the view its list instead of an id, and shows times in the list's zone."""

    @wraps(view)
    def with_list(request: HttpRequest, list_id: str, **more: Any) -> HttpResponse:
        promo_list = lists.find(list_id)
        with in_zone_of(promo_list):
            return view(request, promo_list, **more)

    return with_list


def in_zone_of(promo_list: PromoList) -> AbstractContextManager[None]:
    return timezone.override(ZoneInfo(promo_list.timezone))


@dataclass(frozen=True)
class ListState:
    """A list with everything that its pages show about it."""

    list: PromoList
    facts: ListFacts
    status: ListStatus
    now: datetime

    @classmethod
    def read(cls, promo_list: PromoList) -> "ListState":
        now = database_now()
        facts = facts_of([promo_list.id])[promo_list.id]
        return cls(promo_list, facts, promo_list.status(now), now)

    @property
    def type(self) -> ListType:
        return self.facts.type

    @property
    def claims(self) -> int:
        return self.list.counter.claims

    @property
    def cap(self) -> int | None:
        return self.list.counter.entry_cap

    @property
    def is_over(self) -> bool:
        """Whether its end has passed, so that nothing can be claimed however much is left."""
        return self.now >= self.list.ends_at

    @property
    def left_of_cap(self) -> int | None:
        return None if self.cap is None else self.cap - self.claims

    @property
    def most_points(self) -> int | None:
        return None if self.cap is None else self.cap * self.facts.outcomes.points

    @property
    def costs_anything(self) -> bool:
        return bool(self.facts.outcomes.points or self.facts.outcomes.offers)

    @property
    def issued_points(self) -> int:
        return self.claims * self.facts.outcomes.points

    @property
    def may_come(self) -> int | None:
        """How many claims can still be made, with the codes that there are; None: no limit."""
        limits = [] if self.left_of_cap is None else [self.left_of_cap]
        if self.facts.single_use:
            limits.append(self.list.counter.available)
        return min(limits) if limits else None

    @property
    def may_cost(self) -> int:
        """The points of the claims that can still be made; 0 if there is no limit."""
        return (self.may_come or 0) * self.facts.outcomes.points

    @property
    def why_not_end(self) -> str:
        return lists.why_it_cannot_end(self.list, self.now)

    @property
    def why_it_stays(self) -> str:
        """Why the list cannot be deleted; empty if it can be."""
        if self.facts.single_use and (self.list.counter.codes or self.claims):
            return "The list has codes, which customers may have. It can be ended instead."
        return lists.why_it_stays(self.list)

    @property
    def gains(self) -> str:
        return ", ".join(short_outcomes(self.facts.outcomes))

    @property
    def handing_out(self) -> tuple[str, ...]:
        """How codes are handed out, in phrases."""
        return tuple(in_words(self.facts.handout))

    @property
    def is_fresh(self) -> bool:
        """Whether it waits for its first batch of codes."""
        no_batch = self.type is not ListType.MULTI_USE and not self.list.batches_made
        return no_batch and not self.why_no_batches

    @property
    def why_no_batches(self) -> str:
        """Why the list takes no further batches; empty if it does."""
        if self.status is not ListStatus.COMPLETED:
            return ""
        if self.is_over:
            end = timezone.localtime(self.list.ends_at)
            return (
                f"The list ended on {formats.day(end)}, {formats.clock(end)} {formats.zone(end)}."
            )
        return f"The cap of {formats.counted(self.cap or 0, 'claim')} is reached."

    @property
    def what_opens_it(self) -> str:
        """What lets a completed list take codes again."""
        if self.is_over and self.left_of_cap == 0:
            return "A later end and a higher cap open it again."
        return f"A {'later end' if self.is_over else 'higher cap'} opens it again."
