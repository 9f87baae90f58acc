"""What a cancellation in bulk would cancel, for a preview.

Up to LOOKED_AT codes are looked at one by one. For more, the number comes from counters, and the
preview says whether it is exact, a least number or a greatest number.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.conf import settings
from django.db.models import Sum

from promint.core.codes import selecting
from promint.core.codes.selecting import Seen, Selection, active_batches
from promint.core.lists import ListFacts, facts_of
from promint.core.models import Handout, ListCounter, PromoList

LOOKED_AT = 20_000  # codes
CHUNK = 2_000  # codes that are read at once
SAMPLES = 10


@dataclass(frozen=True)
class Preview:
    """`codes_are`: "exact", "at_least" or "at_most". `points`, and `offers` by name: how many of
    each the codes could issue before the caps of their lists are reached. `left`: how many codes
    would not be cancelled, by reason, if all of them were looked at. `unknown`: some of those that
    do not exist, in canonical form."""

    codes: int
    codes_are: str
    samples: list[str]
    points: int
    offers: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @property
    def needs_approval(self) -> bool:
        """Whether a second person must confirm it. A number that may be larger counts as too
        large."""
        most: int | None = settings.APPROVE_ABOVE
        return most is not None and (self.codes > most or self.codes_are == "at_least")


def preview(selection: Selection) -> Preview:
    promo_list = selection.promo_list
    if promo_list is None:
        return _looked_at(_named(selection), selection)
    batches = active_batches(promo_list, selection.batch)
    created = batches.aggregate(total=Sum("created"))["total"] or 0
    if created <= LOOKED_AT:
        return _looked_at(_in_order(selection), selection)
    if selection.handed_out:
        return _of_handed_out(selection)
    codes, are = _counted(selection, promo_list)
    if selection.handed_out is False:
        handed_out = _of_handed_out(selection)
        codes -= handed_out.codes
        are = are if handed_out.codes_are == "exact" else "at_most"
    facts = facts_of([promo_list.id])[promo_list.id]
    samples = _samples(islice(_in_order(selection), LOOKED_AT), selection, facts)
    return Preview(codes, are, samples, *_at_stake({promo_list.id: codes}, {promo_list.id: facts}))


def _looked_at(seen: Iterable[Seen], selection: Selection) -> Preview:
    seen = list(seen)
    facts = facts_of({one.list_id for one in seen})
    left: Counter[str] = Counter()
    wanted = []
    for one in seen:
        if why := one.why_left(facts[one.list_id], selection.handed_out):
            left[why] += 1
        else:
            wanted.append(one)
    if selection.promo_list is not None:
        del left["other_handout"]  # codes that were not chosen are not reported
    else:
        left["unknown"] = selection.impossible + len(selection.named) - len(seen)
    points, offers = _at_stake(Counter(one.list_id for one in wanted), facts)
    return Preview(
        codes=len(wanted),
        codes_are="exact",
        samples=[facts[one.list_id].show(one.value, one.typed) for one in wanted[:SAMPLES]],
        points=points,
        offers=offers,
        left={why: count for why, count in left.items() if count},
        unknown=_unknown(selection, seen),
    )


def _at_stake(
    codes: Mapping[int, int], facts: Mapping[int, ListFacts]
) -> tuple[int, dict[str, int]]:
    """Points, and offers by name. `codes`: how many, by list. No list issues more than its cap
    leaves."""
    points, offers = 0, Counter[str]()
    for counter in ListCounter.objects.filter(list__in=codes):
        claims = codes[counter.list_id]
        if counter.entry_cap is not None:
            claims = max(0, min(claims, counter.entry_cap - counter.claims))
        outcomes = facts[counter.list_id].outcomes
        points += claims * outcomes.points
        offers.update({name: claims for _, name in outcomes.offers})
    return points, dict(offers)


def _unknown(selection: Selection, seen: list[Seen]) -> list[str]:
    known = {one.value for one in seen}
    return list(islice((value for value in selection.named if value not in known), SAMPLES))


def _samples(seen: Iterable[Seen], selection: Selection, facts: ListFacts) -> list[str]:
    wanted = (one for one in seen if one.why_left(facts, selection.handed_out) is None)
    return [facts.show(one.value, one.typed) for one in islice(wanted, SAMPLES)]


def _counted(selection: Selection, promo_list: PromoList) -> tuple[int, str]:
    """How many codes are neither claimed nor cancelled, handed out or not. Claims are counted
    only by list, so the number for one batch among several may be too large."""
    counter = ListCounter.objects.get(list=promo_list)
    batch = selection.batch
    if batch is None or batch.created == counter.codes:
        return counter.available, "exact"
    most = batch.created - batch.cancelled
    return (most, "exact") if not counter.claims else (min(most, counter.available), "at_most")


def _of_handed_out(selection: Selection) -> Preview:
    """The preview of only those codes that were handed out."""
    wanted = Selection(selection.promo_list, selection.batch, handed_out=True)
    found = _looked_at(islice(_handed_out(wanted), LOOKED_AT), wanted)
    looked = Handout.objects.filter(list=wanted.promo_list)[LOOKED_AT : LOOKED_AT + 1]
    are = "at_least" if looked.exists() else "exact"
    return Preview(found.codes, are, found.samples, found.points, found.offers)


def _handed_out(selection: Selection) -> Iterator[Seen]:
    """The codes that were handed out, in the order of codes. Those of other batches are left
    out."""
    after, batch_id = "", selection.batch and selection.batch.id
    of_list = Handout.objects.filter(list=selection.promo_list).order_by("code")
    while values := list(of_list.filter(code__gt=after).values_list("code", flat=True)[:CHUNK]):
        for one in selecting.named(values):
            if one.batch_active and batch_id in (None, one.batch_id):
                yield one
        after = values[-1]


def _named(selection: Selection) -> Iterator[Seen]:
    for start in range(0, len(selection.named), CHUNK):
        yield from selecting.named(selection.named[start : start + CHUNK])


def _in_order(selection: Selection) -> Iterator[Seen]:
    assert selection.promo_list is not None
    for batch in active_batches(selection.promo_list, selection.batch):
        after = ""
        while page := selecting.of_batch(batch.id, after, CHUNK):
            yield from page
            after = page[-1].value
