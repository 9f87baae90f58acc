"""Finds customers by a part of their id, and those who claimed last."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Lower

from promint.core.models import Claim, ClaimHour, Customer, Handout, PromoList
from promint.core.storage import database_now

INSIDE = 300_000  # customers, the first by id, whose ids are searched for a part in the middle
_LISTS = 500  # those that started last; the latest claims are looked for in these
_BUSIEST = 5
_LAST = "\U0010ffff"  # sorts after every text that begins the same


@dataclass(frozen=True)
class Recent:
    customer: str
    claimed_at: datetime


def exists(customer: str) -> bool:
    """Whether anything was ever claimed under this id, or handed out to it."""
    claimed = Customer.objects.filter(id=customer).exists()
    return claimed or Handout.objects.filter(recipient=customer).exists()


@dataclass(frozen=True)
class Found:
    customers: list[Customer]
    searched: int | None = None  # the first ids, if only these were searched for a part inside


def find(part: str, most: int) -> Found:
    """The customer with exactly this id, then ids that begin with it, then ids that contain it.
    Capital and small letters A to Z are the same.

    The first two are found by an index. Only the first INSIDE customers are searched for ids that
    contain it, so that many customers do not make this slow. Who was only handed a code is found
    by the beginning of the id, written like this or in one size of letters.
    """
    text = part.encode().lower().decode()  # only A to Z, as both databases do
    folded = Customer.objects.annotate(folded=Lower("id"))
    found = list(Customer.objects.filter(id=part))
    found += folded.filter(folded__gte=text, folded__lt=text + _LAST).order_by("folded")[:most]
    found += _only_handed_codes({part, text, text.upper(), text.capitalize()}, most)
    behind = None
    if len(found) < most:
        behind = _first_not_searched()
        searched = folded if behind is None else folded.filter(id__lt=behind)
        found += searched.filter(folded__contains=text).order_by("id")[:most]
    once = list({one.id: one for one in found}.values())[:most]
    return Found(once, searched=INSIDE if behind else None)


def _only_handed_codes(beginnings: set[str], most: int) -> list[Customer]:
    found: set[str] = set()
    for one in beginnings:
        handouts = Handout.objects.filter(recipient__gte=one, recipient__lt=one + _LAST)
        recipients = handouts.order_by("recipient").values_list("recipient", flat=True)
        found.update(recipients.distinct()[:most])
    return [Customer(id=one) for one in sorted(found)]


def _first_not_searched() -> str | None:
    ids = Customer.objects.order_by("id").values_list("id", flat=True)
    return ids[INSIDE : INSIDE + 1].first()


def latest(most: int) -> list[Recent]:
    """The customers who claimed last, newest first, from the lists with the newest claims among
    those that started last."""
    found: dict[str, datetime] = {}
    for list_id in _lists_claimed_last():
        claims = Claim.objects.filter(list=list_id).order_by("-claimed_at")
        for customer, at in claims.values_list("customer", "claimed_at")[: 3 * most]:
            found[customer] = max(at, found.get(customer, at))
    newest = sorted(found.items(), key=lambda one: one[1], reverse=True)
    return [Recent(*one) for one in newest[:most]]


def _lists_claimed_last() -> list[int]:
    hours = ClaimHour.objects.filter(list=OuterRef("pk")).order_by("-hour").values("hour")
    started = PromoList.objects.filter(starts_at__lte=database_now()).order_by("-starts_at")
    rows = started.annotate(last=Subquery(hours[:1])).values_list("last", "id")[:_LISTS]
    claimed = sorted((row for row in rows if row[0] is not None), reverse=True)
    return [list_id for _, list_id in claimed[:_BUSIEST]]
