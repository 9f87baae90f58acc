"""Codes that a list takes in although its cap keeps them from ever being claimed."""

from promint.core.codes import batches
from promint.core.models import PromoList
from promint.dashboard.page import formats


def never_claimable(promo_list: PromoList, quantity: int) -> str:
    """A sentence about further codes beyond the cap; empty if there are none."""
    counter = promo_list.counter
    if counter.entry_cap is None:
        return ""
    others = counter.available + batches.codes_on_the_way(promo_list.id)
    beyond = min(quantity, counter.claims + others + quantity - counter.entry_cap)
    if beyond <= 0:
        return ""
    cap = formats.number(counter.entry_cap)
    return f"{formats.number(beyond)} of them can never be claimed while the cap is {cap}."
