"""What the form of a new list begins with if the list is a copy of another."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone

from promint.core.lists import facts_of
from promint.core.models import PromoList
from promint.dashboard.lists.form import CAPPED, UNCAPPED


def copied_values(promo_list: PromoList) -> dict[str, Any]:
    """The first values of the form: everything but the name, the days and the code, and what has to
    be left out. The hours of start and end are those of the other list, in its zone."""
    facts, cap = facts_of([promo_list.id])[promo_list.id], promo_list.counter.entry_cap
    offers = promo_list.offers.filter(retired_at=None).order_by("listoffer__place")
    return {
        "type": promo_list.type,
        "code_prefix": promo_list.code_prefix,
        "code_length": promo_list.code_length,
        "start_time": timezone.localtime(promo_list.starts_at).time(),
        "end_time": timezone.localtime(promo_list.ends_at).time(),
        "timezone": promo_list.timezone,
        "points": facts.outcomes.points or None,
        "offers": [offer.public_id for offer in offers],
        "tags": ", ".join(tag for tag in promo_list.tags if "," not in tag),
        "capping": UNCAPPED if cap is None else CAPPED,
        "cap": cap,
        **asdict(facts.handout),
    }


def left_out(promo_list: PromoList) -> list[str]:
    """Sentences about outcomes that the new list cannot have: retired offers, and tags with a
    comma, at which the form would divide them."""
    retired = promo_list.offers.exclude(retired_at=None).order_by("listoffer__place")
    return [
        *(f"The offer {one.name} is retired, so it is left out." for one in retired),
        *(
            f"The tag “{tag}” is left out, because it has a comma in it."
            for tag in promo_list.tags
            if "," in tag
        ),
    ]
