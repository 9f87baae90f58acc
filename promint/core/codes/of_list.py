"""The codes of a list, in pages that neither count nor skip rows.

Codes are in the order of their batches, and within a batch in the order of their canonical form, by
one index. Claimed codes are in the order of their claims, and codes that were handed out in the
order in which they were, each by an index of its own, because they may be few among millions. A
page reads a limited number of codes, so it may have fewer than asked for, or none, and still be
followed by another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from promint.core.codes.codes import CodeState, states
from promint.core.models import Batch, Claim, Code, Handout, PromoList

LOOKED_AT = 2_000  # codes for a page, at most
CHUNK = 500  # codes that are read at once, at most; a page begins with as many as it may need
STATUSES = ("available", "claimed", "cancelled")

Position = tuple[str, str]  # after which code a page continues, by the columns of its order
Looked = tuple[CodeState | None, Position]  # None: the claim's code does not belong on the page


@dataclass(frozen=True)
class Wanted:
    """Which codes of a list are wanted, and in which order. An empty field leaves nothing out."""

    promo_list: PromoList
    batch: Batch | None = None
    status: str = ""
    handed_out: bool | None = None
    newest_first: bool = True


@dataclass
class Page:
    """`next` is where the next page begins; None if this is the last."""

    codes: list[CodeState] = field(default_factory=list)
    next: Position | None = None


def page(wanted: Wanted, after: Position | None, most: int) -> Page:
    """Up to `most` codes. `after`: the `next` of the page before."""
    found = Page()
    looked, last = 0, after
    for state, position in _in_order(wanted, after, min(most + 1, CHUNK)):
        if len(found.codes) == most or looked == LOOKED_AT:
            found.next = last
            break
        looked, last = looked + 1, position
        if state is not None and _is_wanted(state, wanted):
            found.codes.append(state)
    return found


def _is_wanted(state: CodeState, wanted: Wanted) -> bool:
    if wanted.status and state.status != wanted.status:
        return False
    return wanted.handed_out is None or wanted.handed_out is (state.handout is not None)


def _in_order(wanted: Wanted, after: Position | None, first: int) -> Iterator[Looked]:
    """`first`: how many codes are read to begin with."""
    if wanted.promo_list.named_code is not None:
        named = Code.objects.select_related("batch").filter(list=wanted.promo_list)
        yield from ((one, ("", one.value)) for one in states(list(named)) if after is None)
    elif wanted.handed_out and wanted.status != "cancelled":
        yield from _by_handout(wanted, after, first)
    elif wanted.status == "claimed":
        yield from _by_claim(wanted, after, first)
    else:
        yield from _by_batch(wanted, after, first)


def _by_batch(wanted: Wanted, after: Position | None, size: int) -> Iterator[Looked]:
    for batch in _batches(wanted):
        if after is not None and batch.public_id != after[0]:
            continue
        value = after[1] if after is not None else None
        after = None
        while chunk := list(_codes(wanted, batch, value)[:size]):
            for code in chunk:
                code.batch = batch
            yield from ((one, (batch.public_id, one.value)) for one in states(chunk))
            value, size = chunk[-1].value, min(2 * size, CHUNK)


def _batches(wanted: Wanted) -> list[Batch]:
    if wanted.batch is not None:
        return [wanted.batch]
    found = Batch.objects.filter(list=wanted.promo_list).order_by("created_at", "id")
    return list(found.reverse() if wanted.newest_first else found)


def _codes(wanted: Wanted, batch: Batch, value: str | None) -> QuerySet[Code]:
    found = Code.objects.filter(batch=batch).order_by("-value" if wanted.newest_first else "value")
    if wanted.status == "cancelled":
        found = found.exclude(cancelled_at=None)
    if value is None:
        return found
    return found.filter(value__lt=value) if wanted.newest_first else found.filter(value__gt=value)


def _by_claim(wanted: Wanted, after: Position | None, size: int) -> Iterator[Looked]:
    while chunk := list(_claims(wanted, after)[:size]):
        codes = _with_codes(wanted, {claim.code_id for claim in chunk})
        known = {one.value: one for one in states(list(codes))}
        for claim in chunk:
            after = claim.claimed_at.isoformat(), claim.id
            state = known.get(claim.code_id)
            # A code that was claimed again after a reversal comes in the place of its present
            # claim.
            holds = state is not None and state.claim is not None and state.claim.id == claim.id
            yield state if holds else None, after
        size = min(2 * size, CHUNK)


def _claims(wanted: Wanted, after: Position | None) -> QuerySet[Claim]:
    """The newest first, or the oldest first. Equal times are ordered by id, the other way round
    if the oldest come first."""
    found = Claim.objects.filter(list=wanted.promo_list)
    order = ("-claimed_at", "id") if wanted.newest_first else ("claimed_at", "-id")
    if after is None:
        return found.order_by(*order)
    at, claim_id = datetime.fromisoformat(after[0]), after[1]
    if wanted.newest_first:
        beyond = Q(claimed_at__lt=at) | Q(claimed_at=at, id__gt=claim_id)
        return found.filter(beyond, claimed_at__lte=at).order_by(*order)
    beyond = Q(claimed_at__gt=at) | Q(claimed_at=at, id__lt=claim_id)
    return found.filter(beyond, claimed_at__gte=at).order_by(*order)


def _by_handout(wanted: Wanted, after: Position | None, size: int) -> Iterator[Looked]:
    while chunk := list(_handouts(wanted, after)[:size]):
        known = {
            one.value: one for one in states(list(_with_codes(wanted, {h.code for h in chunk})))
        }
        for handout in chunk:
            after = handout.handed_out_at.isoformat(), handout.code
            yield known.get(handout.code), after
        size = min(2 * size, CHUNK)


def _handouts(wanted: Wanted, after: Position | None) -> QuerySet[Handout]:
    found = Handout.objects.filter(list=wanted.promo_list)
    order = ("-handed_out_at", "-code") if wanted.newest_first else ("handed_out_at", "code")
    if after is None:
        return found.order_by(*order)
    at, code = datetime.fromisoformat(after[0]), after[1]
    if wanted.newest_first:
        beyond = Q(handed_out_at__lt=at) | Q(handed_out_at=at, code__lt=code)
        return found.filter(beyond, handed_out_at__lte=at).order_by(*order)
    beyond = Q(handed_out_at__gt=at) | Q(handed_out_at=at, code__gt=code)
    return found.filter(beyond, handed_out_at__gte=at).order_by(*order)


def _with_codes(wanted: Wanted, values: set[str]) -> QuerySet[Code]:
    found = Code.objects.select_related("batch").filter(value__in=values)
    return found if wanted.batch is None else found.filter(batch=wanted.batch)
