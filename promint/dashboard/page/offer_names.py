"""What is said about the name of a new offer."""

from promint.core.lists import offers
from promint.core.models import Offer
from promint.dashboard.page import formats


def same_as(new: Offer) -> str:
    """A sentence about other offers with its name; empty if there are none."""
    count = offers.others_like(new)
    if not count:
        return ""
    return f"{formats.counted(count, 'other offer has', 'other offers have')} the same name."
