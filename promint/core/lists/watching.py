"""Warnings about lists: which there are now, which their owners want, and which they were told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from promint.core import audit, events
from promint.core.lists.lists import find, lock_counter
from promint.core.models import HandoutCount, PromoList
from promint.core.rules import (
    ListType,
    ListWarning,
    Stock,
    Warned,
    check_seen,
    invalid,
    limits,
    warnings_of,
    webhooks,
)
from promint.core.storage import durable


@dataclass(frozen=True)
class Watched:
    """A list and what its owner is to be warned of."""

    promo_list: PromoList
    warnings: list[Warned]

    @property
    def names(self) -> list[str]:
        return [one.warning.value for one in self.warnings]

    @property
    def is_new(self) -> bool:
        """Whether there is a warning that the owner was not told of yet."""
        return not set(self.names) <= set(self.promo_list.warned)


def warnings_about(promo_lists: Iterable[PromoList], now: datetime) -> dict[int, list[Warned]]:
    """By list, without those that are switched off. One query for all of them."""
    promo_lists = list(promo_lists)
    given = events.handed_out_of([one.id for one in promo_lists])
    return {
        one.id: [
            found
            for found in warnings_of(_stock(one, given.get(one.id, 0)), one.ends_at, now)
            if found.warning not in one.muted
        ]
        for one in promo_lists
    }


def _stock(promo_list: PromoList, given: int) -> Stock:
    counter = promo_list.counter
    if promo_list.type == ListType.MULTI_USE:
        return Stock(counter.claims, counter.entry_cap)
    return events.stock_given(counter, given)


def by_owner(now: datetime) -> dict[str, list[Watched]]:
    """By owner, the lists that have warnings or had some of which the owner was told."""
    found = list(_candidates(now))
    warnings = warnings_about(found, now)
    watched: dict[str, list[Watched]] = defaultdict(list)
    for one in found:
        watched[one.owner].append(Watched(one, warnings[one.id]))
    return watched


def looked_after(owner: str, now: datetime) -> list[PromoList]:
    """The lists of an owner that have not ended, by name."""
    return list(PromoList.objects.filter(owner=owner, ends_at__gt=now).order_by("name", "id"))


def _candidates(now: datetime) -> QuerySet[PromoList]:
    """Those that could have a warning, judged by the counters alone."""
    counted = PromoList.objects.annotate(
        claimed=F("counter__claims") * 100 - F("counter__entry_cap") * webhooks.CAP_NEAR,
        gone=(F("counter__claims") + F("counter__cancelled")) * 100
        - F("counter__codes") * (100 - webhooks.LOW_STOCK),
    )
    cap, low = Q(claimed__gte=0), Q(gone__gte=0, counter__codes__gt=0)
    near = Q(ends_at__lte=now + limits.ENDS_SOON)
    handing_out = Q(id__in=HandoutCount.objects.values("list"))
    running = Q(ends_at__gt=now) & (cap | low | near | handing_out)
    told = ~Q(warned=[])
    return counted.filter(running | told).select_related("counter").order_by("name", "id")


@durable
def note_told(watched: Iterable[Watched], all_of_them: bool) -> None:
    """Note which warnings the owners were told of: all of them, or those of before that still
    hold. A warning that comes back later is told again."""
    for one in watched:
        before = one.promo_list.warned
        told = one.names if all_of_them else [name for name in before if name in one.names]
        if told != before:
            PromoList.objects.filter(id=one.promo_list.id).update(warned=told)


@durable
def set_warnings(
    public_id: str,
    owner: str,
    muted: Collection[str],
    actor: str,
    seen: Mapping[str, Any] | None = None,
) -> None:
    """Who is warned about the list, and of what not. `seen`: the owner and what was muted, for
    which the change was made; None means any. Raises Refused."""
    if unknown := set(muted) - set(ListWarning):
        raise invalid({"warnings": f"There is no warning {min(unknown)[:40]!a}."})
    promo_list = find(public_id)
    lock_counter(promo_list.id)
    promo_list.refresh_from_db()
    check_seen({"owner": promo_list.owner, "muted": promo_list.muted}, seen)
    before = _described(promo_list)
    promo_list.owner, promo_list.muted = owner, sorted(muted)
    promo_list.save(update_fields=["owner", "muted"])
    if (after := _described(promo_list)) != before:
        audit.record(actor, "list.warnings_changed", public_id, before=before, after=after)


def _described(promo_list: PromoList) -> dict[str, str]:
    return {"owner": promo_list.owner, "switched_off": ", ".join(promo_list.muted)}
