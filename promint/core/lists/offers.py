"""Offers: what a claim can issue besides points and tags. Their names never change."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from promint.core import audit
from promint.core.models import ListOffer, Offer
from promint.core.rules import checks, ids, invalid, limits
from promint.core.storage import durable


@durable
def create(name: str, description: str, actor: str) -> Offer:
    name = name.strip()
    found = {
        "name": checks.line(name, limits.NAME_CHARACTERS) if name else "Give the offer a name.",
        "description": checks.paragraphs(description, limits.OFFER_DESCRIPTION_CHARACTERS),
    }
    if wrong := {field: problem for field, problem in found.items() if problem}:
        raise invalid(wrong)
    offer = Offer.objects.create(name=name, description=description)
    audit.record(actor, "offer.created", offer.public_id, after={"name": name})
    return offer


def search(text: str = "") -> QuerySet[Offer]:
    return Offer.objects.filter(name__icontains=text).order_by("name", "id")


@dataclass(frozen=True)
class Use:
    lists: int = 0
    issued: int = 0  # times


def uses(offers: Iterable[Offer]) -> dict[int, Use]:
    """How often each offer is used, from the counters of the lists that issue it."""
    chosen = ListOffer.objects.filter(offer__in=[offer.id for offer in offers]).values("offer_id")
    sums = chosen.annotate(lists=Count("list"), issued=Sum("list__counter__claims"))
    found = {row["offer_id"]: Use(row["lists"], row["issued"]) for row in sums}
    return {offer.id: found.get(offer.id, Use()) for offer in offers}


def by_public_ids(public_ids: list[str]) -> list[Offer]:
    """The offers in the given order, each once. Raises Refused if one does not exist."""
    found = _found(public_ids)
    if missing := _unknown(found):
        raise invalid(missing)
    return [offer for offer in found.values() if offer is not None]


def unknown(public_ids: list[str]) -> dict[str, str]:
    """What is wrong with these ids, by field: names the first offer that does not exist."""
    return _unknown(_found(public_ids))


def _unknown(found: dict[str, Offer | None]) -> dict[str, str]:
    missing = [text for text, offer in found.items() if offer is None]
    return {"outcomes.offers": f"There is no offer {missing[0][:40]!a}."} if missing else {}


def _found(public_ids: list[str]) -> dict[str, Offer | None]:
    """The offers by public id, each once, in the given order."""
    keys = {text: ids.key_of(Offer.PREFIX, text) for text in public_ids}
    known = Offer.objects.in_bulk([key for key in keys.values() if key is not None])
    return {text: None if key is None else known.get(key) for text, key in keys.items()}
