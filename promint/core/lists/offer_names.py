"""The names of offers over time: what was issued keeps the name that the offer had then."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from promint.core.models import FormerOfferName

Former = tuple[int, datetime, str]  # key of the offer, until when it had the name, the name


def former_names(offer_keys: Iterable[int]) -> tuple[Former, ...]:
    """The former names of these offers, the earliest first. Empty unless one was renamed."""
    found = FormerOfferName.objects.filter(offer__in=set(offer_keys)).order_by("until")
    return tuple(found.values_list("offer_id", "until", "name"))


def name_at(offer_key: int, present: str, former: Sequence[Former], at: datetime) -> str:
    """The name that the offer had at that time. `present`: its name now."""
    then = (name for key, until, name in former if key == offer_key and at < until)
    return next(then, present)
