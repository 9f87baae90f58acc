"""Offers: what a claim can issue besides points and tags.

An offer can be renamed, described and retired. What was issued keeps the name that the offer had
then. A retired offer is issued by the lists that have it, but no new list can have it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from promint.core import audit
from promint.core.models import FormerOfferName, ListCounter, ListOffer, Offer, PromoList
from promint.core.rules import check_seen, checks, ids, invalid, limits, not_found
from promint.core.storage import database_now, durable


@durable
def create(name: str, description: str, actor: str) -> Offer:
    name = name.strip()
    _check(name, description)
    offer = Offer.objects.create(name=name, description=description)
    audit.record(actor, "offer.created", offer.public_id, after={"name": name})
    return offer


def _check(name: str, description: str) -> None:
    found = {
        "name": checks.line(name, limits.NAME_CHARACTERS) if name else "Give the offer a name.",
        "description": checks.paragraphs(description, limits.OFFER_DESCRIPTION_CHARACTERS),
    }
    if wrong := {field: problem for field, problem in found.items() if problem}:
        raise invalid(wrong)


@durable
def change(
    public_id: str,
    changes: dict[str, Any],
    actor: str,
    seen: Mapping[str, Any] | None = None,
) -> Offer:
    """`changes` holds name, description or retired. `seen`: the values of such fields for which
    the change was made; None means any. Raises Refused."""
    # Lists that are being created with this offer are waited for, so that all of them are counted.
    offer = Offer.objects.select_for_update().get(id=find(public_id).id)
    before = _described(offer)
    check_seen(before, seen)
    wanted = before | changes
    name = wanted["name"].strip()
    _check(name, wanted["description"])
    if name != offer.name:
        _note_former_name(offer)
    if wanted["retired"] != before["retired"]:
        offer.retired_at = database_now() if wanted["retired"] else None
    offer.name, offer.description = name, wanted["description"]
    offer.save()
    after = _described(offer)
    if changed := [field for field in after if after[field] != before[field]]:
        audit.record(
            actor,
            "offer.changed",
            public_id,
            before={field: before[field] for field in changed},
            after={field: after[field] for field in changed},
        )
    return offer


def _described(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.name,
        "description": offer.description,
        "retired": offer.retired_at is not None,
    }


def _note_former_name(offer: Offer) -> None:
    """Keep the name for what was issued under it. The counters of the lists are locked first, so
    that each claim comes either before this moment, or after the commit with the new name."""
    own = ListOffer.objects.filter(offer=offer).values("list")
    list(ListCounter.objects.select_for_update().filter(list__in=own).order_by("list"))
    FormerOfferName.objects.create(offer=offer, name=offer.name, until=database_now())
    PromoList.objects.filter(id__in=own).update(offer_renames=F("offer_renames") + 1)


def find(public_id: str) -> Offer:
    key = ids.key_of(Offer.PREFIX, public_id)
    found = None if key is None else Offer.objects.filter(id=key).first()
    if found is None:
        raise not_found("offer")
    return found


def former_names_of(offer: Offer) -> QuerySet[FormerOfferName]:
    """The latest first."""
    return FormerOfferName.objects.filter(offer=offer).order_by("-until")


def lists_with(offer: Offer) -> QuerySet[PromoList]:
    """The lists that issue the offer, with their counters; the latest start first."""
    found = PromoList.objects.filter(offers=offer).select_related("counter")
    return found.order_by("-starts_at", "id")


def search(text: str = "") -> QuerySet[Offer]:
    return Offer.objects.filter(name__icontains=text).order_by("name", "id")


def others_like(offer: Offer) -> int:
    """How many other offers have its name. A to Z and a to z are the same."""
    return Offer.objects.filter(name__iexact=offer.name).exclude(id=offer.id).count()


def offered_as(name: str) -> Offer | None:
    """The oldest offer of this name that a new list can issue. A to Z and a to z are the same."""
    same = Offer.objects.filter(name__iexact=name.strip(), retired_at=None)
    return same.order_by("created_at", "id").first()


def offered(text: str = "") -> QuerySet[Offer]:
    """Offers that a new list can issue."""
    return search(text).filter(retired_at=None)


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


def problems_with(public_ids: list[str]) -> dict[str, str]:
    """What is wrong with the offers of a new list, by field: one does not exist, or is retired."""
    found = _found(public_ids)
    return _unknown(found) or _retired(offer for offer in found.values() if offer is not None)


def _unknown(found: dict[str, Offer | None]) -> dict[str, str]:
    missing = [text for text, offer in found.items() if offer is None]
    return {"outcomes.offers": f"There is no offer {missing[0][:40]!a}."} if missing else {}


def _retired(chosen: Iterable[Offer]) -> dict[str, str]:
    retired = [offer for offer in chosen if offer.retired_at is not None]
    if not retired:
        return {}
    message = f"The offer {retired[0].name} ({retired[0].public_id}) is retired: new lists cannot"
    return {"outcomes.offers": f"{message} issue it. Choose another one, or bring it back first."}


def _found(public_ids: list[str]) -> dict[str, Offer | None]:
    """The offers by public id, each once, in the given order."""
    keys = {text: ids.key_of(Offer.PREFIX, text) for text in public_ids}
    known = Offer.objects.in_bulk([key for key in keys.values() if key is not None])
    return {text: None if key is None else known.get(key) for text, key in keys.items()}
